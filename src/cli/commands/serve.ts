import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { Command, InvalidArgumentError } from 'commander'
import type { Config } from '../../config/config.ts'
import type { OtlpRequestReport } from '../../otlp/options.ts'
import type { Store } from '../../store/store.ts'
import { CommandError } from '../command-error.ts'
import { withWritableStore } from '../database.ts'
import type { CommandIo } from '../io.ts'
import { type GlobalOptions, positiveInteger, withExamples } from '../options.ts'
import { isLoopback } from '../serve/is-loopback.ts'
import type { RequestMetrics } from '../serve/request-metrics.ts'

interface ServeOptions extends GlobalOptions {
  host?: string
  port?: number
  token?: string
  tokenFile?: string
  withoutToken?: boolean
  projectHeader?: string
  maxBytes?: number
  accessLog: boolean
}

/** `tracehold serve` */
export function serveCommand(io: CommandIo): Command {
  const command = new Command('serve')
    .description(
      'Take OTLP over HTTP (traces, logs and metrics, in protobuf and JSON) from any OpenTelemetry SDK or collector, ' +
        'and store it, until Ctrl-C. /health and /metrics are there too.',
    )
    .option('--port <n>', 'the port; 0 is any that is free (default: TRACEHOLD_SERVE_PORT, else 4318)', portNumber)
    .option('--host <host>', 'where to listen (default: TRACEHOLD_SERVE_HOST, else 127.0.0.1)')
    .option('--token <token>', 'what senders must give as a bearer token; better by TRACEHOLD_SERVE_TOKEN or a file')
    .option('--token-file <path>', 'the file that the token is in')
    .option('--without-token', 'listen beyond this machine although anybody may write then')
    .option('--project-header <name>', 'the header by which a sender names the project; without it: --project')
    .option('--max-bytes <n>', 'the largest body, also when decompressed (default: 16777216)', positiveInteger)
    .option('--no-access-log', 'do not print a line for each request')
    .action((_options, self: Command) => run(io, self.optsWithGlobals<ServeOptions>()))
  return withExamples(command, [
    'tracehold serve',
    'OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost:4318 node app.js',
    'tracehold serve --host 0.0.0.0 --token-file /run/secrets/tracehold --db postgres://app@db.example/app --json',
  ])
}

function portNumber(value: string): number {
  const port = Number(value)
  if (/^\d+$/.test(value) && port <= 65_535) return port
  throw new InvalidArgumentError('It must be a whole number from 0 to 65535.')
}

/** Where it listens, and for whom. */
interface Listening {
  readonly host: string
  readonly port: number
  readonly token: string | undefined
}

async function run(io: CommandIo, options: ServeOptions): Promise<void> {
  const { RequestMetrics } = await import('../serve/request-metrics.ts')
  const metrics = new RequestMetrics()
  await withWritableStore(
    io,
    options,
    (store, config) => serve(io, store, listening(io, options, config), options, metrics),
    {
      ack: 'committed',
      whenFull: 'block',
      onError(error, { entity, rows, isFinal }) {
        metrics.failed(entity, isFinal)
        io.note(`${error.message} (${rows} ${entity}${isFinal ? ' given up' : ', trying again'})`)
      },
    },
  )
}

/** @throws CommandError where anybody in the network could write */
function listening(io: CommandIo, options: ServeOptions, { serve: configured }: Config): Listening {
  const { host = configured.host, port = configured.port, tokenFile, withoutToken } = options
  const token = options.token ?? (tokenFile ? tokenOf(io.path(tokenFile)) : configured.token)
  if (token !== undefined && !/^[\x21-\x7e]+$/.test(token)) {
    throw new CommandError('The token must be visible ASCII characters without spaces.', { exitCode: 2 })
  }
  if (token === undefined && !withoutToken && !isLoopback(host)) {
    throw new CommandError(`${host} is reached from other machines, and there is no token: anybody could write.`, {
      nextStep: 'Set TRACEHOLD_SERVE_TOKEN or --token-file, or allow it by --without-token.',
      exitCode: 2,
    })
  }
  return { host, port, token }
}

function tokenOf(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    throw new CommandError(`The file of the token cannot be read: ${path} (${code}).`, { exitCode: 2 })
  }
}

async function serve(
  io: CommandIo,
  store: Store,
  where: Listening,
  { projectHeader, maxBytes, accessLog, json }: ServeOptions,
  metrics: RequestMetrics,
): Promise<void> {
  const { OtlpServer } = await import('../serve/otlp-server.ts')
  const { accessJson, accessLine } = await import('../serve/access-log.ts')
  const { signal } = io
  const server = new OtlpServer(store, {
    ...where,
    metrics,
    endpoint: { maxBytes, project: projectHeader === undefined ? undefined : { header: projectHeader } },
    onRequest(report: OtlpRequestReport) {
      metrics.observe(report)
      if (accessLog) io.print(json ? accessJson(report) : accessLine(report, io.colors))
    },
  })
  const url = await server.listen().catch((error: NodeJS.ErrnoException) => {
    throw notListening(error, where)
  })
  io.note(`Taking OTLP at ${url}, storing it in ${store.pool.location}. Ctrl-C ends it.`)
  if (!signal.aborted) await once(signal, 'abort')
  io.note('Stopping: running requests are answered first.')
  await server.stop()
  await store.close(closeMs)
}

/** How long rows have to be stored that nobody waits for any more, in milliseconds. */
const closeMs = 10_000

function notListening(error: NodeJS.ErrnoException, { host, port }: Listening): Error {
  const nextSteps: Readonly<Record<string, [string, string]>> = {
    EADDRINUSE: [`Port ${port} of ${host} is in use.`, 'Stop what listens there, or choose another by --port.'],
    EACCES: [`This user may not listen on port ${port}.`, 'Choose a port above 1023 by --port.'],
    EADDRNOTAVAIL: [`${host} is no address of this machine.`, 'Choose another by --host.'],
    ENOTFOUND: [`The host ${host} is not known.`, 'Choose another by --host.'],
  }
  const [message, nextStep] = nextSteps[error.code ?? ''] ?? []
  return message === undefined ? error : new CommandError(message, { ...(nextStep && { nextStep }), cause: error })
}
