// Prunes a database with the built package, a few rows at a time, and says so after each batch.
//   fork('prune-process.mjs', [URL, OLDER_THAN, BATCH])
import { openStore } from '../../dist/src/index.js'

const [url, olderThan, batch] = process.argv.slice(2)
const store = await openStore(url)
try {
  await store.prune({ olderThan }, { batch: Number(batch), onProgress: (deleted) => process.send?.(deleted) })
} finally {
  await store.close()
  process.disconnect?.()
}
