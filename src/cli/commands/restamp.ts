import { Command } from 'commander'
import { showCount } from '../count-progress.ts'
import { withWritableStore } from '../database.ts'
import { formatNumberOf } from '../format.ts'
import type { CommandIo } from '../io.ts'
import { type GlobalOptions, withExamples } from '../options.ts'

/** `tracehold restamp` */
export function restampCommand(io: CommandIo): Command {
  const command = new Command('restamp')
    .summary('After a dump was restored: make its rows ones that can be followed.')
    .description(
      'Give rows that a dump brought from another PostgreSQL server numbers of this one, in all projects, while others ' +
        'read and write. Until then tail, sync and follow refuse. Run it as the owner of the tables; safe to run again.',
    )
    .action((_options, self: Command) => run(io, self.optsWithGlobals<GlobalOptions>()))
  return withExamples(command, ['tracehold restamp --db postgres://owner@db.example/app'])
}

async function run(io: CommandIo, options: GlobalOptions): Promise<void> {
  await withWritableStore(io, options, async (store) => {
    const shown = await showCount(io, undefined, 'rows')
    const rows = await store.restamp((done) => shown.update(done, 'rows')).finally(() => shown.end())
    if (options.json) io.printJson({ rows })
    else io.print(`${formatNumberOf(rows, 'row')} of ${store.pool.location} got another number.`)
  })
}
