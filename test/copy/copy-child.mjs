// Copies one store into another with the built package, and prints what it took.
import { copyStore, openStore } from 'tracehold'

const [fromUrl, toUrl, progressFile] = process.argv.slice(2)
const from = await openStore(fromUrl)
const to = await openStore(toUrl, { migrate: true })
let last = 0
const onProgress = ({ phase, table, rows }) => {
  if (phase === 'copy' && table === 'spans' && rows - last > 20_000) {
    last = rows
    process.stdout.write(`${rows}\n`)
  }
}
const { copied, comparison } = await copyStore(from, to, { progressFile, onProgress })
await from.close()
await to.close()
const megabytes = Math.round(process.resourceUsage().maxRSS / 1024)
process.stdout.write(`${JSON.stringify({ spans: copied.spans, equal: comparison.equal, megabytes })}\n`)
