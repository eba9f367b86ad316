import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type ReadDocumentsOptions, readDocuments } from '../../src/formats/read-documents.ts'
import { runs } from '../runs.ts'

async function* pieces(...chunks: readonly (string | Uint8Array)[]) {
  yield* chunks
}

/** What is read: `[line, document]`, or the message of an error. */
async function read(source: AsyncIterable<string | Uint8Array>, options?: ReadDocumentsOptions) {
  const found: unknown[] = []
  for await (const { line, document, error } of readDocuments(source, options)) {
    found.push(error ? `${line}: ${error.message}` : [line, document])
  }
  return found
}

const bad = (line: number) => `${line}: Line ${line} is not valid JSON`

describe('JSON Lines', () => {
  test('gives a document per line', async () => {
    expect(await read(pieces('{"a":1}\n{"a":2}\n'))).toEqual([
      [1, { a: 1 }],
      [2, { a: 2 }],
    ])
  })

  test('needs no line feed at the end', async () => {
    expect(await read(pieces('{"a":1}\n{"a":2}'))).toEqual([
      [1, { a: 1 }],
      [2, { a: 2 }],
    ])
  })

  test.each(['', '\n\n', ' \r\n\t\n', '\ufeff'])('of nothing gives nothing: %j', async (text) => {
    expect(await read(pieces(text))).toEqual([])
  })

  test('has no meaning in a byte order mark, CRLF and blank lines', async () => {
    const text = '\ufeff\r\n{"a":1}\r\n\r\n  \n{"a":2}\r\n'
    const expected = [
      [2, { a: 1 }],
      [5, { a: 2 }],
    ]
    expect(await read(pieces(text))).toEqual(expected)
    expect(await read(pieces(Buffer.from(text)))).toEqual(expected)
  })

  test('goes on after a line that is no JSON', async () => {
    expect(await read(pieces('{"a":1}\n{"a":oops}\n{"a":3}\n{"a":[1,\n{"a":5}\n"cut\n{"a":7}'))).toEqual([
      [1, { a: 1 }],
      bad(2),
      [3, { a: 3 }],
      bad(4),
      [5, { a: 5 }],
      bad(6),
      [7, { a: 7 }],
    ])
  })

  test.each(['oops', '{"a":oops}', '{"a":"cut', '{"a":1}}', '{"a":1', '{"a":[1,', '{"a":1,', '{"a":', '{', '['])(
    'goes on after a first line that is no JSON: %s',
    async (first) => {
      expect(await read(pieces(`${first}\n{"b":2}\n{"b":3}\n`))).toEqual([bad(1), [2, { b: 2 }], [3, { b: 3 }]])
      expect(await read(pieces(`${first}\n{"b":2}`))).toEqual([bad(1), [2, { b: 2 }]])
    },
  )

  test('gives the items of a line that is a list', async () => {
    expect(await read(pieces('[{"a":1},{"a":2}]\n[]\n{"a":3}'))).toEqual([
      [1, { a: 1 }],
      [1, { a: 2 }],
      [3, { a: 3 }],
    ])
  })

  test('may have a line of many pieces', async () => {
    const long = 'x'.repeat(100_000)
    const line = Buffer.from(JSON.stringify({ long, end: '語💬' }))
    const chunks = Array.from({ length: line.length / 7 + 1 }, (_, i) => line.subarray(i * 7, i * 7 + 7))
    expect(await read(pieces(...chunks))).toEqual([[1, { long, end: '語💬' }]])
  })

  test('leaves a line out that is longer than allowed, and goes on', async () => {
    const text = `{"a":"${'x'.repeat(50)}"}\n{"a":2}\n`
    expect(await read(pieces(text.slice(0, 20), text.slice(20)), { maxLength: 20 })).toEqual([
      '1: Line 1 makes its JSON too long to be read',
      [2, { a: 2 }],
    ])
  })

  test('errors do not quote the text', async () => {
    for await (const { error } of readDocuments(pieces('{"secret": hunter2}'))) {
      expect(`${error?.message} ${error?.stack} ${error?.cause}`).not.toMatch(/secret|hunter2/)
    }
  })
})

describe('a value over several lines', () => {
  test('is one document', async () => {
    const document = { resourceSpans: [{ a: 'x{"[\\', b: [] }, { c: null }], d: { e: -1.5e3 } }
    expect(await read(pieces(`\n${JSON.stringify(document, null, 2)}\n`))).toEqual([[2, document]])
    expect(await read(pieces(JSON.stringify(document, null, '\t').replaceAll('\n', '\r\n')))).toEqual([[1, document]])
  })

  test('may be followed by another', async () => {
    expect(await read(pieces('{\n"a": 1\n}\n{\n"a": 2\n}\n{"a":3}'))).toEqual([
      [1, { a: 1 }],
      [4, { a: 2 }],
      [7, { a: 3 }],
    ])
  })

  test('gives its items where it is a list, each with its line', async () => {
    const list = [{ a: 1 }, [2, [3]], 'four', {}, null]
    expect(await read(pieces(JSON.stringify(list, null, 2)))).toEqual([
      [2, { a: 1 }],
      [5, [2, [3]]],
      [11, 'four'],
      [12, {}],
      [13, null],
    ])
    expect(await read(pieces('[{"a":1}, {"a":2},\n{"a":3}\n, {"a":\n4}]\n'))).toEqual([
      [1, { a: 1 }],
      [1, { a: 2 }],
      [2, { a: 3 }],
      [3, { a: 4 }],
    ])
    expect(await read(pieces('[\n]'))).toEqual([])
  })

  test('of any length gives the items of a list as they come', async () => {
    let given = 0
    async function* endless() {
      yield '[\n'
      for (;;) {
        given += 1
        yield `{"n":\n${given}},\n`
      }
    }
    const documents = readDocuments(endless())
    for (let i = 1; i <= 1000; i += 1) expect((await documents.next()).value).toMatchObject({ document: { n: i } })
    expect(given).toBeLessThan(1010)
    await documents.return(undefined)
  })

  test('that is broken says where, once', async () => {
    expect(await read(pieces('{\n"a": 1\n"b": 2,\n"c": 3\n}'))).toEqual([
      '3: Line 3 breaks the JSON that begins on line 1; nothing after it was read',
    ])
    expect(await read(pieces('{\n"a": oops,\n"b": 2\n}'))).toEqual([bad(1)])
    expect(await read(pieces('[\n{"a":\n1},\n{"a":\noops},\n{"a":\n3}\n]'))).toEqual([
      [2, { a: 1 }],
      bad(4),
      [6, { a: 3 }],
    ])
    expect(await read(pieces('[\n{"a":\n1},\n}\n{"a":3}\n]'))).toEqual([
      [2, { a: 1 }],
      '4: Line 4 breaks the JSON that begins on line 1; nothing after it was read',
    ])
  })

  test('that is longer than allowed ends the reading', async () => {
    const line = '"a": 1,\n'
    expect(await read(pieces('{\n', line, line, line, '"b": 2}'), { maxLength: 20 })).toEqual([
      '4: Line 4 makes its JSON too long to be read',
    ])
    const item = '{"a":\n1},\n'
    expect(await read(pieces('[\n', item, item, item, '{"a":\n1}]'), { maxLength: 20 })).toHaveLength(4)
  })

  test('that does not end says so', async () => {
    expect(await read(pieces('\n{\n"a": 1,\n'))).toEqual(['2: The JSON that begins on line 2 does not end'])
    expect(await read(pieces('[\n{"a":\n1},\n{"b":'))).toEqual([
      [2, { a: 1 }],
      '1: The JSON that begins on line 1 does not end',
    ])
  })
})

test('any documents are read back, however they are written and cut into pieces', async () => {
  const objects = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 }))
  await fc.assert(
    fc.asyncProperty(
      fc.array(objects, { minLength: 1, maxLength: 4 }),
      fc.constantFrom('lines', 'list', 'pretty list', 'pretty'),
      fc.constantFrom('\n', '\r\n'),
      fc.integer({ min: 1, max: 40 }),
      async (documents, form, lineEnd, size) => {
        // Where the first value is on one line, the text is JSON Lines.
        fc.pre(form !== 'pretty' || Object.keys(documents[0] ?? {}).length > 0)
        const written = {
          lines: documents.map((each) => JSON.stringify(each)).join('\n'),
          list: JSON.stringify(documents),
          'pretty list': JSON.stringify(documents, null, 2),
          pretty: documents.map((each) => JSON.stringify(each, null, 2)).join('\n'),
        }[form]
        const bytes = Buffer.from(written.replaceAll('\n', lineEnd))
        const chunks = Array.from({ length: bytes.length / size + 1 }, (_, i) =>
          bytes.subarray(i * size, (i + 1) * size),
        )
        const found: unknown[] = []
        for await (const each of readDocuments(pieces(...chunks))) found.push(each.document)
        expect(found).toEqual(JSON.parse(JSON.stringify(documents)))
      },
    ),
    { numRuns: runs(100, 500) },
  )
})
