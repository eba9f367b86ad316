// Bundles a program for both kinds of module with rollup, and prints the imports that it did not resolve.
//   node bundle-with-rollup.mjs INPUT OUTPUT EXTERNAL,…    writes OUTPUT.mjs and OUTPUT.cjs
import commonjs from '@rollup/plugin-commonjs'
import json from '@rollup/plugin-json'
import nodeResolve from '@rollup/plugin-node-resolve'
import { rollup } from 'rollup'

const [input, output, external] = process.argv.slice(2)
const unresolved = []
const bundle = await rollup({
  input,
  external: external.split(','),
  plugins: [nodeResolve({ preferBuiltins: true }), commonjs({ ignoreDynamicRequires: true }), json()],
  onwarn: ({ code, exporter }) => {
    if (code === 'UNRESOLVED_IMPORT') unresolved.push(exporter)
  },
})
for (const [format, ending] of [
  ['es', 'mjs'],
  ['cjs', 'cjs'],
]) {
  await bundle.write({ file: `${output}.${ending}`, format, inlineDynamicImports: true })
}
await bundle.close()
console.log(JSON.stringify(unresolved))
