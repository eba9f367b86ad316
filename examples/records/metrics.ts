// Numbers over time, and whether they got better: node build/records/metrics.js [URL]
import { openStore } from 'tracehold'

const store = await openStore(process.argv[2] ?? 'sqlite:records.db', { migrate: true })
try {
  await store.writers.metrics.write({ name: 'queue.wait', unit: 'ms', category: 'latency', lowerIsBetter: true })
  const point = (day: number, value: number) => ({
    pointId: `wait-${day}`,
    metricName: 'queue.wait',
    value,
    time: `2026-11-${day}T12:00:00Z`,
    serviceName: 'support',
  })
  await store.writers.metricPoints.write([point(10, 400), point(11, 420), point(12, 130), point(13, 110)])

  const { count, mean, p95, stdDev } = await store.metrics.aggregate('queue.wait')
  console.log(`${count} points, mean ${mean}, p95 ${p95?.toFixed(1)}, deviation ${stdDev?.toFixed(1)}`)

  const days = await store.metrics.series('queue.wait', { bucket: 'day' })
  for (const { bucket, avg } of days) console.log(bucket.slice(0, 10), avg)

  const { change, isBetter } = await store.metrics.compare('queue.wait', {
    since: '2026-11-12T00:00:00Z',
    until: '2026-11-14T00:00:00Z',
  })
  console.log(`changed by ${change} ms: ${isBetter ? 'better' : 'worse'}`)
} finally {
  await store.close()
}
