// Migrates a database with the built package, as one of several processes that all begin at the same moment.
//   node migrate-process.mjs URL TIME
import { setTimeout as delay } from 'node:timers/promises'
import { Migrator, openPool } from '../../dist/src/index.js'

const [url, startAt] = process.argv.slice(2)
const pool = await openPool({ url })
await delay(Math.max(0, Number(startAt) - Date.now()))
try {
  console.log(JSON.stringify(await new Migrator(pool).migrate()))
} finally {
  await pool.close()
}
