// ClickHouse's engine behind as much of its HTTP interface as @clickhouse/client uses. The embedded engine has none: this
// is for what needs a wire (gzip, timeouts, cut connections) or several processes. Started by clickhouse.ts, and ends
// with it.
import { randomUUID } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGunzip, gzipSync } from 'node:zlib'
import { Session } from 'chdb'

const [directory, password = ''] = process.argv.slice(2)
const first = new Session(join(directory, 'data'))

/** What a request says beside settings. Some settings are of the HTTP interface, which the engine does not know. */
const notSettings =
  /^(query|query_id|database|user|password|session_id|default_format|role|param_.*|wait_end_of_query|enable_http_compression|send_progress_in_http_headers|http_.*|cancel_http_.*)$/

const mostSessions = 20
/** Sessions by their database and settings: a request's own would be made anew each time. */
const sessions = new Map()

/** Runs `work` on a session that has a request's database and settings. */
async function withSession(database, settings, work) {
  const key = JSON.stringify([database, settings])
  const entry = sessions.get(key) ?? { opened: openSession(database, settings), users: 0 }
  sessions.set(key, entry)
  entry.users += 1
  try {
    return await work(await entry.opened)
  } finally {
    entry.users -= 1
    // One that could not be opened, as where the database is not there yet, is tried anew.
    await entry.opened.catch(() => sessions.delete(key))
    await closeUnused()
  }
}

/** Closes the oldest sessions that no request uses. */
async function closeUnused() {
  for (const [key, { opened, users }] of sessions) {
    if (sessions.size <= mostSessions) return
    if (users > 0) continue
    sessions.delete(key)
    const session = await opened.catch(() => undefined)
    session?.close()
  }
}

async function openSession(database, settings) {
  const session = new Session(join(directory, 'data'))
  await session.queryAsync(`USE \`${database}\``)
  const given = settings.map(([name, value]) => `${name} = '${value.replaceAll(/[\\']/g, '\\$&')}'`)
  if (given.length > 0) await session.queryAsync(`SET ${given.join(', ')}`)
  return session
}

async function answer(request, response) {
  const url = new URL(request.url, 'http://localhost')
  if (url.pathname === '/ping') return response.end('Ok.\n')
  const { body, parts } = await read(request)
  if (!isKnown(request)) {
    const message =
      'Code: 516. DB::Exception: default: Authentication failed: password is incorrect. (AUTHENTICATION_FAILED)'
    return fail(response, 403, message)
  }
  const given = Object.fromEntries([...url.searchParams, ...parts])
  const settings = Object.entries(given).filter(([name]) => !notSettings.test(name))
  const params = Object.entries(given)
    .filter(([name]) => name.startsWith('param_'))
    .map(([name, value]) => [name.slice('param_'.length), unescaped(value)])
  try {
    const result = await withSession(given.database ?? 'default', settings, (session) =>
      run(session, given.query ?? '', body, Object.fromEntries(params)),
    )
    const bytes = Buffer.from(result.bytes())
    const isCompressed = given.enable_http_compression === '1' && /gzip/.test(request.headers['accept-encoding'] ?? '')
    response.writeHead(200, {
      'content-type': 'text/plain',
      'x-clickhouse-query-id': given.query_id ?? randomUUID(),
      ...(isCompressed && { 'content-encoding': 'gzip' }),
    })
    response.end(isCompressed ? gzipSync(bytes) : bytes)
  } catch (error) {
    fail(response, 500, error.message)
  }
}

/** The statement is in the URL or is the body. What follows FORMAT in an INSERT goes through a file. */
async function run(session, query, body, params) {
  const insert = /^\s*(INSERT\s[\s\S]*?)\sFORMAT\s+(\w+)\s*$/i.exec(query)
  if (!insert) {
    const text = [query, body.toString()].filter(Boolean).join('\n')
    return Object.keys(params).length > 0 ? session.queryBindAsync(text, params) : session.queryAsync(text)
  }
  const file = join(directory, randomUUID())
  try {
    await pipeline([body], createWriteStream(file))
    return await session.queryAsync(`${insert[1]} SELECT * FROM file('${file}', '${insert[2]}')`)
  } finally {
    await rm(file, { force: true })
  }
}

async function read(request) {
  const chunks = []
  const source = request.headers['content-encoding'] === 'gzip' ? request.pipe(createGunzip()) : request
  for await (const chunk of source) chunks.push(chunk)
  const body = Buffer.concat(chunks)
  const type = request.headers['content-type'] ?? ''
  if (!type.startsWith('multipart/form-data')) return { body, parts: [] }
  const form = await new Response(body, { headers: { 'content-type': type } }).formData()
  return { body: Buffer.alloc(0), parts: [...form] }
}

function isKnown(request) {
  const given = Buffer.from((request.headers.authorization ?? '').replace(/^Basic /, ''), 'base64').toString()
  return password === '' || given.slice(given.indexOf(':') + 1) === password
}

function fail(response, status, message) {
  const code = /Code: (\d+)/.exec(message)?.[1] ?? '1002'
  response.writeHead(status, { 'x-clickhouse-exception-code': code })
  response.end(message)
}

/** Values come escaped as in a line of tab-separated values. */
function unescaped(value) {
  if (value === '\\N') return null
  const marks = { t: '\t', n: '\n', r: '\r', b: '\b', f: '\f', 0: '\0' }
  return value.replaceAll(/\\(.)/gs, (_, mark) => marks[mark] ?? mark)
}

const server = createServer((request, response) => {
  answer(request, response).catch((error) => {
    // A client that went away.
    if (!response.headersSent && !response.destroyed) fail(response, 500, String(error))
  })
})
server.listen(0, '127.0.0.1', () => process.send?.({ port: server.address().port }))
process.on('disconnect', () => {
  server.close()
  server.closeAllConnections()
  first.close()
  process.exit(0)
})
