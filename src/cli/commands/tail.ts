import { setTimeout as delay } from 'node:timers/promises'
import { Argument, Command } from 'commander'
import { StorageError } from '../../errors.ts'
import type { Subscribed, SubscribeOptions } from '../../live/subscribe.ts'
import type { Store } from '../../store/store.ts'
import { CommandError } from '../command-error.ts'
import { withStore } from '../database.ts'
import { parseInstant } from '../instant.ts'
import type { CommandIo } from '../io.ts'
import { type GlobalOptions, withExamples } from '../options.ts'
import { type TailChoices, withTail } from '../tail-options.ts'
import { type Shown, type TailFilter, type TailTable, tailTables } from '../tail-tables.ts'

interface Options extends GlobalOptions, TailChoices, TailFilter {
  since?: Date | string
}

/** How rows are shown. */
interface Form {
  io: CommandIo
  json?: boolean
  /** Whether a line names its table, as with several tables. */
  isNamed: boolean
}

const tableNames = Object.keys(tailTables) as Subscribed[]
const nameWidth = Math.max(...tableNames.map((table) => table.length))
const pollMs = 500
const retryMs = 1_000

/** `tracehold tail` */
export function tailCommand(io: CommandIo): Command {
  const command = new Command('tail')
    .description('Show the last records, then records as they are written by any process, until Ctrl-C.')
    .addArgument(new Argument('[tables...]', 'what to show').choices(tableNames).default(['spans'], 'spans'))
    .option('--since <time>', 'begin there, with all that came: 10m, 24h, 2026-11-01T10:30', (text) =>
      parseInstant(text),
    )
    .option('--trace <id...>', 'only of this trace; of several any fits, here and below')
    .option('--service <name...>', 'only of this service')
    .option('--agent <name...>', 'only of this agent')
    .option('--errors', 'only errors, and what has one')
    .action((tables: Subscribed[], _options, self: Command) =>
      run(io, [...new Set(tables)], self.optsWithGlobals<Options>()),
    )
  return withExamples(withTail(command, 'records'), [
    'tracehold tail',
    'tracehold tail traces logs --errors --since 1h',
    'tracehold tail spans -n 0 --json | jq .name',
  ])
}

async function run(io: CommandIo, tables: Subscribed[], options: Options): Promise<void> {
  const filter = filtersOf(tables, options)
  const form = { ...options, io, isNamed: tables.length > 1 }
  const { signal } = io
  await withStore(
    io,
    options,
    async (store) => {
      // The cursor is taken before stored rows are read: a row that is stored meanwhile comes in both, and is shown once.
      const after = await store.cursorOfNow(tables)
      const shown = await showStored(store, tables, filter, form, signal)
      if (!options.once) await showNew(store, tables, { filter, after, pollMs, signal }, shown, form)
    },
    { live: true },
  )
}

type Filters = NonNullable<SubscribeOptions['filter']>

/** The filter of each table. A table without such a filter is an error: it would show unwanted rows. */
function filtersOf(tables: readonly Subscribed[], options: Options): Filters {
  const names = (['trace', 'service', 'agent', 'errors'] as const).filter((name) => options[name] !== undefined)
  const filterOf = (table: Subscribed) =>
    names.map((name) => {
      const make = tailTables[table].filters[name]
      if (make) return make(options[name] === true ? [] : (options[name] as string[]))
      throw new CommandError(`${table} have no filter --${name}.`, { exitCode: 2 })
    })
  return Object.fromEntries(tables.map((table) => [table, Object.assign({}, ...filterOf(table))]))
}

/** A stored row, ready to be shown. */
interface Stored {
  readonly time: string
  readonly identity: string
  readonly text: string
}

/** Shows the last rows of each table, or all since then, in the order of time. Returns what it showed. */
async function showStored(
  store: Store,
  tables: readonly Subscribed[],
  filter: Filters,
  options: Options & Form,
  signal: AbortSignal,
): Promise<Set<string>> {
  const shown = new Set<string>()
  const sources = tables.map((table) => storedRows(store, table, (filter[table] ?? {}) as never, options, signal))
  try {
    for await (const { text, identity } of inOrderOfTime(sources)) {
      options.io.print(text)
      shown.add(identity)
    }
  } catch (error) {
    if (!signal.aborted) throw error
  }
  return shown
}

async function* storedRows<E extends Subscribed>(
  store: Store,
  entity: E,
  filter: Parameters<NonNullable<TailTable<E>['stored']>>[1],
  { since, lines, ...form }: Options & Form,
  signal: AbortSignal,
): AsyncGenerator<Stored, void, undefined> {
  const table: TailTable<E> = tailTables[entity]
  if (!table.stored) return
  const stored = (row: Shown[E]): Stored => ({
    time: table.time(row),
    identity: identityOf(entity, row),
    text: textOf(entity, row, form),
  })
  if (since) {
    for await (const row of table.stored(store, filter, { since, direction: 'asc', signal })) yield stored(row)
    return
  }
  const last: Stored[] = []
  if (lines === 0) return
  for await (const row of table.stored(store, filter, { batch: lines, signal })) {
    if (last.push(stored(row)) >= lines) break
  }
  yield* last.reverse()
}

/** Rows of several tables, each in the order of time, as one. */
async function* inOrderOfTime(sources: readonly AsyncGenerator<Stored, void, undefined>[]) {
  const heads = await Promise.all(sources.map(async (source) => ({ source, head: await source.next() })))
  for (;;) {
    let first: (typeof heads)[number] | undefined
    for (const each of heads) {
      if (!each.head.done && (!first || (first.head.value?.time ?? '') > each.head.value.time)) first = each
    }
    if (!first?.head.value) return
    yield first.head.value
    first.head = await first.source.next()
  }
}

/** Shows rows after a cursor as they are written. It waits for a database that is unreachable, and skips no row. */
async function showNew(
  store: Store,
  tables: readonly Subscribed[],
  options: SubscribeOptions & { signal: AbortSignal },
  shown: Set<string>,
  form: Form,
): Promise<void> {
  let { after } = options
  const { signal } = options
  while (!signal.aborted) {
    try {
      for await (const { entity, items, cursor } of store.subscribe(tables, { ...options, after })) {
        for (const row of items) if (!shown.delete(identityOf(entity, row))) form.io.print(textOf(entity, row, form))
        after = cursor
      }
    } catch (error) {
      if (!(error instanceof StorageError) || !error.retryable) throw error
      form.io.note(`${error.message} Trying again …`)
      await delay(retryMs, undefined, { signal }).catch(() => undefined)
    }
  }
}

// The compiler does not see that the row and the entry are of the same table.
const tableOf = (entity: Subscribed) => tailTables[entity] as unknown as TailTable<'spans'>

const identityOf = (entity: Subscribed, row: object) => `${entity} ${tableOf(entity).identity(row as Shown['spans'])}`

function textOf(entity: Subscribed, row: object, { io, json, isNamed }: Form): string {
  const { colors } = io
  if (json) return JSON.stringify({ table: entity, ...row })
  const line = tableOf(entity).line(row as Shown['spans'], colors)
  return isNamed ? `${colors.dim(entity.padEnd(nameWidth))}  ${line}` : line
}
