// Archives a database with the built package, in small parts, and says so after each batch.
//   fork('archive-process.mjs', [URL, OLDER_THAN, FOLDER, PART_ROWS])
import { openStore } from '../../dist/src/index.js'

const [url, olderThan, to, partRows] = process.argv.slice(2)
const store = await openStore(url)
try {
  await store.archive(
    { olderThan, keepUsage: true },
    { to, partRows: Number(partRows), onProgress: (deleted) => process.send?.(deleted) },
  )
} finally {
  await store.close()
  process.disconnect?.()
}
