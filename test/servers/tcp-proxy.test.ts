import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import pg from 'pg'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createDatabase } from './databases.ts'
import { cutAt, TcpProxy } from './tcp-proxy.ts'

describe('TcpProxy in front of an echo server', () => {
  let received: string[]
  let proxy: TcpProxy
  let closeServer: () => Promise<void>

  beforeEach(async () => {
    received = []
    const sockets = new Set<Socket>()
    const server = createServer((socket) => {
      sockets.add(socket)
      socket.on('data', (chunk) => {
        received.push(chunk.toString())
        socket.write(chunk)
      })
      socket.on('error', () => {})
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    proxy = await TcpProxy.open(`tcp://127.0.0.1:${(server.address() as AddressInfo).port}`)
    closeServer = async () => {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    }
  })

  afterEach(async () => {
    await proxy.close()
    await closeServer()
  })

  const open = async () => {
    const socket = connect(proxy.port, '127.0.0.1')
    socket.on('error', () => {}) // the end of each test cuts it
    await once(socket, 'connect')
    return socket
  }

  const echo = async (socket: Socket, text: string) => {
    const reply = once(socket, 'data')
    socket.write(text)
    return String((await reply)[0])
  }

  it('hands bytes on in both directions and ends when an end does', async () => {
    const socket = await open()
    expect(await echo(socket, 'hello')).toBe('hello')
    expect(proxy.connections).toBe(1)
    socket.end()
    await once(socket, 'close')
    await expect.poll(() => proxy.connections).toBe(0)
  })

  it('hands on more than its buffers hold', async () => {
    const socket = await open()
    const size = 20_000_000
    let back = 0
    const all = new Promise<void>((resolve) => {
      socket.on('data', (chunk: Buffer) => {
        back += chunk.length
        if (back === size) resolve()
      })
    })
    socket.write(Buffer.alloc(size, 'x'))
    await all
    socket.destroy()
  })

  it('cuts open connections as a reset and serves new ones', async () => {
    const socket = await open()
    await echo(socket, 'a')
    const failure = once(socket, 'error')
    proxy.cutAll()
    expect((await failure)[0]).toMatchObject({ code: 'ECONNRESET' })
    expect(await echo(await open(), 'b')).toBe('b')
  })

  it('keeps everything back in a black hole, on old and new connections, until it resumes', async () => {
    const before = await open()
    await echo(before, 'before')
    proxy.blackhole()
    const during = await open()
    const replies = Promise.all([echo(before, 'lost?'), echo(during, 'also lost?')])
    const other = await TcpProxy.open(proxy.url) // a round trip through another proxy, to let time pass
    await other.close()
    expect(received).toEqual(['before'])
    proxy.resume()
    expect(await replies).toEqual(['lost?', 'also lost?'])
  })

  it('drops a chunk and leaves the connection open', async () => {
    const socket = await open()
    proxy.onServerData = (chunk) => (chunk.includes('secret') ? 'drop' : 'pass')
    socket.write('secret')
    await expect.poll(() => received).toEqual(['secret'])
    expect(await echo(socket, 'next')).toBe('next')
  })

  it('cuts before the server sees what a client sent', async () => {
    const socket = await open()
    proxy.onClientData = cutAt('stop')
    expect(await echo(socket, 'go')).toBe('go')
    const failure = once(socket, 'error')
    socket.write('please stop')
    await failure
    expect(received).toEqual(['go'])
  })

  it('breaks a connection whose server is gone', async () => {
    await closeServer()
    closeServer = async () => {}
    const socket = connect(proxy.port, '127.0.0.1')
    await expect(once(socket, 'data')).rejects.toMatchObject({ code: 'ECONNRESET' })
  })
})

describe('cutAt', () => {
  const chunk = (text: string) => Buffer.from(text)

  it('finds a pattern that is spread over chunks of one connection', () => {
    const hook = cutAt('COMMIT')
    const [one, two] = [{}, {}]
    expect([hook(chunk('xCO'), one), hook(chunk('MMIT'), two), hook(chunk('MMITx'), one)]).toEqual([
      'pass',
      'pass',
      'cut',
    ])
  })

  it('cuts as often as it is told', () => {
    const hook = cutAt('x', 2)
    expect([1, 2, 3].map(() => hook(chunk('x'), {}))).toEqual(['cut', 'cut', 'pass'])
  })
})

describe('TcpProxy in front of PostgreSQL', () => {
  it('loses the reply of a commit that the server has made', async () => {
    const database = await createDatabase()
    const proxy = await TcpProxy.open(database.url)
    const direct = new pg.Client(database.url)
    const client = new pg.Client(proxy.url)
    client.on('error', () => {})
    try {
      await direct.connect()
      await direct.query('CREATE TABLE kept (id int)')
      await client.connect()
      proxy.onServerData = cutAt('COMMIT')
      await client.query('BEGIN')
      await client.query('INSERT INTO kept VALUES (1)')
      await expect(client.query('COMMIT')).rejects.toThrow()
      expect((await direct.query('SELECT id FROM kept')).rows).toEqual([{ id: 1 }])
    } finally {
      await direct.end()
      await proxy.close()
      await database.drop()
    }
  })
})
