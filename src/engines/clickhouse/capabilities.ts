import { type Capabilities, defaultCapabilities } from '../capabilities.ts'

/** What ClickHouse does otherwise than a database with transactions. */
export const clickhouseCapabilities: Capabilities = {
  ...defaultCapabilities,
  // A row of a key is kept for each hour, and of a point for each metric.
  repeatedKeys: {
    spans: ['startTime'],
    events: ['time'],
    metricPoints: ['metricName', 'time'],
    logs: ['time'],
  },
  // An insert costs much, whatever its size.
  copyPage: { bytes: 4 * 1024 * 1024, rows: 5_000 },
  deletesAllAtOnce: true,
  erasureRemains: [
    ...defaultCapabilities.erasureRemains,
    'parts of the tables, hidden, until they are merged: at once by OPTIMIZE TABLE … FINAL',
    'detached parts, and the query log of the server',
  ],
}
