// Makes one run in this process and prints what it emits.
//
//   node test/instrumentations/capture.mjs NAME [--with MODULE]... [--json] [--output FILE]
//
// prints the OTLP/JSON request, or, with --json or where a run has no OTLP, the whole capture. MODULE exports
// `attach(name)`, which returns what the run shall write into beside its own memory; README.md says what.
import { readdirSync, writeFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { toPlain } from './plain.mjs'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { with: { type: 'string', multiple: true }, json: { type: 'boolean' }, output: { type: 'string' } },
})
const names = readdirSync(new URL('runs/', import.meta.url)).map((file) => file.replace(/\.mjs$/, ''))
const [name] = positionals
if (!names.includes(name)) {
  console.error(`Name one of: ${names.join(', ')}`)
  process.exit(2)
}

// What an SDK logs must not stand among the output.
console.log = console.info = console.debug = console.error
// The agents SDK makes no traces in a test.
if (process.env.NODE_ENV === 'test') delete process.env.NODE_ENV

const { run } = await import(new URL(`runs/${name}.mjs`, import.meta.url))
const attached = await attachAll(values.with ?? [])
const captured = await run(attached)
const results = []
for (const finish of attached.finish ?? []) results.push(await finish())
const plain = toPlain({ name, ...captured, attached: results })
const printed = values.json || !plain.otlp ? plain : plain.otlp
const text = JSON.stringify(printed, null, values.output ? 0 : 2)
if (values.output) writeFileSync(values.output, text)
else process.stdout.write(`${text}\n`)
// Some SDKs leave timers behind.
process.exitCode = 0
setImmediate(() => process.exit())

/** What the modules attach, put together: each key holds the list of all. */
async function attachAll(modules) {
  const all = {}
  for (const module of modules) {
    const { attach } = await import(pathToFileURL(module))
    for (const [key, value] of Object.entries(await attach(name))) all[key] = [...(all[key] ?? []), value].flat()
  }
  return all
}
