import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { type CapturedSpan, captureRun, captureTimeoutMs } from './capture.ts'

interface StockRequest {
  path: string
  contentType: string
  contentEncoding?: string
  /** In base64. */
  body: string
}

describe.each([
  { generation: 1, requests: 4, dropped: [5, 2, 0] },
  { generation: 2, requests: 12, dropped: [5, 2, 2] },
  { generation: 3, requests: 4, dropped: [8, 2, 2] },
])('the run otel-$generation', ({ generation, requests, dropped }) => {
  const capture = () => captureRun(`otel-${generation}`)

  it(
    'has spans with parents, in the words of its generation',
    async () => {
      const { spans } = await capture()
      expect(spans.map(({ name }) => name)).toEqual([
        'chat gpt-5-mini',
        'odd',
        'execute_tool get_weather',
        'handle request',
      ])
      const parents = spans.map((span) => (generation === 1 ? span.parentSpanId : span.parentSpanContext?.spanId))
      const root = spans[3]?.spanContext.spanId
      expect(parents).toEqual([root, root, root, undefined])
      const scope = spans.map((span) => (generation === 1 ? span.instrumentationLibrary : span.instrumentationScope))
      expect(scope[0]).toMatchObject({ name: 'my-app', version: '1.2.3' })
      expect(droppedBy(spans[1])).toEqual(dropped)
    },
    captureTimeoutMs,
  )

  it(
    'has what arrives late in its resource',
    async () => {
      const { spans } = await capture()
      expect(spans[0]?.resource.attributes['host.name']).toBe('host-1')
    },
    captureTimeoutMs,
  )

  it(
    'has logs and metrics',
    async () => {
      const { logs, metrics } = await capture()
      expect(logs).toMatchObject({ count: 6 })
      for (const kind of ['sum', 'gauge', 'histogram', 'exponentialHistogram']) {
        expect(JSON.stringify(metrics)).toContain(`"${kind}":{`)
      }
    },
    captureTimeoutMs,
  )

  it(
    'has the requests of the stock exporters, the JSON one equal to the OTLP',
    async () => {
      const { requests: sent, otlp } = await capture()
      const stock = sent as StockRequest[]
      expect(stock).toHaveLength(requests)
      expect(new Set(stock.map(({ contentType }) => contentType))).toEqual(
        new Set(['application/json', 'application/x-protobuf']),
      )
      for (const { body, contentType, contentEncoding, path } of stock) {
        if (contentType !== 'application/json' || path !== '/v1/traces') continue
        const bytes = Buffer.from(body, 'base64')
        const text = (contentEncoding === 'gzip' ? gunzipSync(bytes) : bytes).toString()
        expect(JSON.parse(text)).toEqual(otlp)
      }
    },
    captureTimeoutMs,
  )
})

describe('a run with a module attached', () => {
  it(
    'gives it the spans, and sends them to the endpoints that the environment names',
    async () => {
      const paths: string[] = []
      const server = createServer((request, response) => {
        paths.push(`${request.url} ${request.headers['content-type']}`)
        request.resume().on('end', () => response.end())
      })
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
      const stockExporters = fileURLToPath(new URL('attach/stock-exporters.mjs', import.meta.url))
      const { spans } = await captureRun('node-sdk', {
        with: [stockExporters],
        env: { OTLP_JSON_URL: url, OTLP_PROTOBUF_URL: url },
      })
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      expect(spans).toHaveLength(17)
      expect(new Set(paths)).toEqual(new Set(['/v1/traces application/json', '/v1/traces application/x-protobuf']))
    },
    captureTimeoutMs,
  )
})

function droppedBy(span: CapturedSpan | undefined): (number | undefined)[] {
  return [span?.droppedAttributesCount, span?.droppedEventsCount, span?.droppedLinksCount]
}
