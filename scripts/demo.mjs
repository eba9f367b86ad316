// Shows tracehold at work: imports a day of two agents' traces into a SQLite file, lists them, draws one, adds up what
// they cost. Everything is done with the built command, in a temporary directory that is removed at the end.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from './build.mjs'
import { commandFile } from './bundle-command.mjs'
import { ensureInstalled } from './ensure-installed.mjs'
import { elapsed, run } from './processes.mjs'

const traces = 'examples/demo/traces.otlp.jsonl'

/** A refund that times out once and then succeeds, with a search in the help center. */
const showcase = '2da44a16273e554af54e773fb83a13da'

const color = process.stdout.isTTY && !process.env.NO_COLOR
const bold = (text) => (color ? `\u001b[1m${text}\u001b[22m` : text)

await ensureInstalled()
if (!(await build({ ifStale: true })) || !(await demo())) process.exitCode = 1

async function demo() {
  const startMs = performance.now()
  const directory = mkdtempSync(join(tmpdir(), 'tracehold-demo-'))
  const database = ['--db', `sqlite:${join(directory, 'traces.db')}`]
  try {
    const done =
      (await tracehold('A day of a support agent and of an agent that repairs code:', [
        'import',
        traces,
        ...database,
      ])) &&
      (await tracehold('What happened, newest first:', ['traces', 'list', ...database])) &&
      (await tracehold('One of them, as a waterfall:', ['traces', 'show', showcase, ...database])) &&
      (await tracehold('What the models cost:', ['usage', '--by', 'model', ...database]))
    if (done) console.log(ending(elapsed(startMs)))
    return done
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

/** Says what comes, shows the command as one would type it, and runs it. Answers whether it went well. */
async function tracehold(purpose, args) {
  console.log(`${purpose}\n${bold(`$ tracehold ${args.join(' ')}`)}\n`)
  const code = await run(process.execPath, [commandFile, ...args])
  console.log()
  if (code !== 0) console.error(`The command failed with exit code ${code}.`)
  return code === 0
}

function ending(time) {
  return `That was the demo, in ${time}; its database is removed. To go on:

  npx tracehold import ${traces}
                              the same again into .tracehold/traces.db, to keep
  npx tracehold traces list   and look around; --help tells what else there is
  npm test                    every test, on SQLite, real PostgreSQL, ClickHouse and Redis
  README.md                   how to use tracehold in your own code`
}
