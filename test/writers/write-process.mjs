// Writes generated rows with the built package, as one of several processes that all begin at the same moment. Prints
// what its writer counted and every failed try that it heard of.
//   node write-process.mjs URL ENTITY NUMBER OF START_AT ROWS_FILE
import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { openStore } from '../../dist/src/index.js'

const [url, entity, share, startAt, file] = process.argv.slice(2)
const [number, of] = share.split('/').map(Number)
const failedTries = []
const store = await openStore(url, {
  writers: { batchRows: 1000, onError: (error) => failedTries.push(error.message) },
})
const all = JSON.parse(readFileSync(file, 'utf8'))
// `n/1`: all of them, in an order of its own in each process; `n/4`: every fourth.
const rows = of === 1 ? shuffled(all, number + 1) : all.filter((_, index) => index % of === number)
await delay(Math.max(0, Number(startAt) - Date.now()))
try {
  const result = await store.writers[entity].write(rows)
  console.log(JSON.stringify({ result, stats: store.writers[entity].stats(), failedTries }))
} finally {
  await store.close()
}

function shuffled(list, seed) {
  const places = list.map((row, index) => ({ row, place: Math.imul(index + 1, 2_654_435_761 + seed * 40_503) >>> 0 }))
  return places.sort((a, b) => a.place - b.place).map(({ row }) => row)
}
