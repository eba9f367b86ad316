// Writes generated rows with the built package, as one of several processes that all begin at the same moment: it says
// when it is ready, and begins when it is told to. Answers with what its writer counted and every failed try that it
// heard of.
//   fork('write-process.mjs', [URL, ENTITY, NUMBER/OF, ROWS_FILE])
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { openStore } from '../../dist/src/index.js'

const [url, entity, share, file] = process.argv.slice(2)
const [number, of] = share.split('/').map(Number)
const failedTries = []
const store = await openStore(url, {
  writers: { batchRows: 1000, onError: (error) => failedTries.push(error.message) },
})
const all = JSON.parse(readFileSync(file, 'utf8'))
// `n/1`: all of them, in an order of its own in each process; `n/4`: every fourth.
const rows = of === 1 ? shuffled(all, number + 1) : all.filter((_, index) => index % of === number)
process.send('ready')
await once(process, 'message')
try {
  const result = await store.writers[entity].write(rows)
  process.send({ result, stats: store.writers[entity].stats(), failedTries })
} finally {
  await store.close()
  process.disconnect()
}

function shuffled(list, seed) {
  const places = list.map((row, index) => ({ row, place: Math.imul(index + 1, 2_654_435_761 + seed * 40_503) >>> 0 }))
  return places.sort((a, b) => a.place - b.place).map(({ row }) => row)
}
