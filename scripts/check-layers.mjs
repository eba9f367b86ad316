// Checks how files depend on each other: layers, circles, and engines that are named outside of their folders.
// `node scripts/check-layers.mjs [DIRECTORY]` looks at `schema` and `src` of a directory, by default of this repository.
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { cruise } from 'dependency-cruiser'
import { codeFaults } from './code-faults.mjs'
import { engineLists, engines, layers, partsOfOneEngine } from './layers.mjs'
import { root } from './processes.mjs'

/** A regular expression for the files of some parts. */
const filesOf = (parts) => `^(${parts.map((part) => part.replaceAll('.', '\\.')).join('|')})(/|$)`

/** The files that may know an engine. */
const filesThatKnow = (engine) => {
  const others = Object.keys(partsOfOneEngine).filter((part) => partsOfOneEngine[part] === engine)
  return filesOf([`src/engines/${engine}`, ...others, ...engineLists])
}

const layerRules = layers.flatMap((parts, level) =>
  parts.map((part) => ({
    name: 'layer',
    from: { path: filesOf([part]) },
    to: { path: filesOf([...parts.filter((other) => other !== part), ...layers.slice(level + 1).flat()]) },
  })),
)

const forbidden = [
  { name: 'circle', from: {}, to: { circular: true } },
  ...layerRules.slice(0, -1),
  ...engines.map((engine) => ({
    name: 'engine',
    from: { pathNot: filesThatKnow(engine) },
    to: { path: filesOf([`src/engines/${engine}`]) },
  })),
]

async function faultsIn(directory) {
  const { output } = await cruise(
    ['schema', 'src'].filter((part) => existsSync(join(directory, part))),
    {
      baseDir: directory,
      validate: true,
      ruleSet: { forbidden },
      includeOnly: filesOf(['schema', 'src']),
      // TypeScript 7 has no interface that parses for others; this parser reads imports of types as well.
      parser: 'swc',
      tsPreCompilationDeps: true,
    },
  )
  const files = output.modules.map(({ source }) => source)
  const anyLayer = new RegExp(filesOf(layers.flat()))
  return [
    ...output.summary.violations.map(({ rule, from, to, cycle }) =>
      rule.name === 'circle'
        ? `circle: ${fromTheFirst(cycle.map(({ name }) => name)).join(' → ')}`
        : `${rule.name}: ${from} must not import ${to}`,
    ),
    ...files.filter((file) => !anyLayer.test(file)).map((file) => `layer: ${file} is in none`),
    ...files
      .filter((file) => file.startsWith('src/'))
      .flatMap((file) => {
        const others = engines.filter((engine) => !new RegExp(filesThatKnow(engine)).test(file))
        return codeFaults(join(directory, file), others).map(
          ({ rule, line, message }) => `${rule}: ${file}:${line} ${message}`,
        )
      }),
  ]
}

/** A circle of files, from the one whose name comes first back to it. */
function fromTheFirst(files) {
  const start = files.indexOf(files.toSorted()[0])
  return [...files.slice(start), ...files.slice(0, start + 1)]
}

const faults = await faultsIn(resolve(process.argv[2] ?? root))
for (const fault of faults) console.log(fault)
if (faults.length > 0) process.exitCode = 1
