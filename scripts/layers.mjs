import { readdirSync } from 'node:fs'

/**
 * The layers of the code, from the ground up. A file imports from its own part and from the layers below, types
 * included. It never imports from a layer above, and not from another part of its own layer.
 * A part is a folder or a file. `npm run check` keeps these rules: see `check-layers.mjs`.
 */
export const layers = [
  ['schema'],
  [
    'src/errors.ts',
    'src/clock.ts',
    'src/without-undefined.ts',
    'src/make-folder.ts',
    'src/lazy-properties.ts',
    'src/module-require.ts',
    'src/untraced.ts',
    'src/text',
  ],
  ['src/rows'],
  ['src/driver-errors', 'src/formats', 'src/fold'],
  ['src/engines'],
  ['src/migrations', 'src/repositories', 'src/writers', 'src/row-pages'],
  ['src/lifecycle'],
  ['src/redis'],
  ['src/live', 'src/cache'],
  ['src/config'],
  ['src/store'],
  ['src/ingest'],
  [
    'src/import',
    'src/export',
    'src/copy',
    'src/trace-store',
    'src/exporters',
    'src/doctor',
    'src/roles',
    'src/otel',
    'src/otlp',
  ],
  ['src/integrations'],
  ['src/testing'],
  ['src/cli'],
  ['src/index.ts'],
]

/** Every engine has the folder `src/engines/<name>`. Outside of it no code asks which engine it works on. */
export const engines = readdirSync(new URL('../src/engines', import.meta.url), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name)

/** Parts that exist for one engine and are not in its folder. They may use the engine's folder and its name. */
export const partsOfOneEngine = {
  'src/cli/commands/migrate.ts': 'clickhouse', // its --print-cluster
  'src/exporters': 'clickhouse',
  'src/import/sqlite-documents.ts': 'sqlite',
  'src/roles': 'postgres',
}

/** The files that list the engines: a further engine takes a line in each. */
export const engineLists = ['src/engines/database-url.ts', 'src/index.ts']
