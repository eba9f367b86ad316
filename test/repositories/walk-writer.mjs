// Writes with the built package until standard input ends: new traces all over the time that is walked, and new spans of
// traces that are there. Prints how many spans it has written after each batch.
//   node walk-writer.mjs URL TRACE_COUNT START_MS
import { openStore } from '../../dist/src/index.js'

const [url, traceCountText, startText] = process.argv.slice(2)
const [traceCount, start] = [Number(traceCountText), Number(startText)]
const batchSpans = 200

let isWalking = true
process.stdin.on('end', () => {
  isWalking = false
})
process.stdin.resume()

const store = await openStore(url)
let written = 0
while (isWalking) {
  const spans = Array.from({ length: batchSpans }, (_, i) => {
    const n = written + i
    const at = (n * 7919) % traceCount
    const startTime = new Date(start + (at >> 3))
    return i % 2 === 0
      ? { traceId: `new${n}`, spanId: 's', name: 'n', startTime }
      : { traceId: `t${String(at).padStart(6, '0')}`, spanId: `s${n}`, name: 'n', startTime }
  })
  await store.writers.spans.write(spans)
  written += batchSpans
  console.log(written)
}
await store.close()
