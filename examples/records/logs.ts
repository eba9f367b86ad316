// Log lines, searched by words and followed: node build/records/logs.js [URL]
import { openStore } from 'tracehold'

const store = await openStore(process.argv[2] ?? 'sqlite:records.db', { migrate: true })
try {
  const line = { serviceName: 'payments', traceId: 't1' }
  await store.writers.logs.write([
    { ...line, logId: 'a', time: '2026-11-20T10:03:00Z', severity: 9, body: 'charging the card' },
    { ...line, logId: 'b', time: '2026-11-20T10:03:01Z', severity: 17, body: 'card declined by the bank' },
    { ...line, logId: 'c', time: '2026-11-20T10:03:02Z', severity: 9, body: { retry: 'in one minute' } },
  ])

  const { items } = await store.logs.search('"card declined" -test')
  for (const { time, body } of items) console.log(time, body)

  const ofTrace = await store.logs.byTrace('t1')
  console.log(`${ofTrace.items.length} lines of the trace,`, await store.logs.countByLevel({ traceId: 't1' }))

  // Without `once` it goes on with new lines until its signal ends it.
  for await (const { body } of store.logs.tail({ lines: 2, once: true })) console.log('last:', body)
} finally {
  await store.close()
}
