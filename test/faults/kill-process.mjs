// A process that writes batches, each a trace, until it is killed. It says which are stored.
import { openStore } from '../../dist/src/index.js'

const [url, round, rows] = process.argv.slice(2)
const { writers } = (await openStore(url)).forProject(`round ${round}`)
for (let batch = 0; ; batch += 1) {
  const spans = Array.from({ length: Number(rows) }, (_, n) => ({
    traceId: `batch ${batch}`,
    spanId: `${batch} ${n}`,
    name: 'n',
    kind: 'llm',
    startTime: new Date(),
    inputTokens: 1,
  }))
  await writers.spans.write(spans)
  process.send(batch)
}
