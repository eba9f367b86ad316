// Finds what imports do not show: code that asks which engine it works on (comparisons with an engine's name, cases of a
// switch, tables with a key for an engine, types of such names), and `import('./file.ts').Type`, which linters skip.
import { readFileSync } from 'node:fs'
import { parseSync } from '@swc/core'

/** The faults of a TypeScript file that may not know these engines, each with its line, counted from 1. */
export function codeFaults(path, engines) {
  const source = readFileSync(path)
  // The parser counts bytes from where its last file ended. The semicolon makes a node at the very start of this file.
  const module = parseSync(`;${source.toString().replace(/^#!/, '//')}`, { syntax: 'typescript', target: 'es2022' })
  const start = module.body[0].span.start + 1
  const lineOf = ({ span }) =>
    source
      .subarray(0, span.start - start)
      .toString()
      .split('\n').length
  const faults = []
  visit(module, (node) => {
    const engine = asksFor(node).find((each) => engines.includes(each))
    if (engine !== undefined) {
      faults.push({
        rule: 'engine',
        line: lineOf(node),
        message: `asks for ${engine}; a method or a capability of the engine should answer`,
      })
    }
    if (node.type === 'TsImportType' && node.argument.value.startsWith('.')) {
      faults.push({ rule: 'layer', line: lineOf(node), message: 'imports a type inside a type; write import type' })
    }
  })
  return faults
}

/** The texts that a node compares with, or has a case, a key or a type for. */
function asksFor(node) {
  switch (node.type) {
    case 'BinaryExpression':
      return /^[!=]==?$/.test(node.operator) ? [textOf(node.left), textOf(node.right)] : []
    case 'SwitchCase':
      return [textOf(node.test)]
    case 'ObjectExpression':
      return node.properties.map(({ key }) => key?.value)
    case 'TsLiteralType':
      return [textOf(node.literal)]
    default:
      return []
  }
}

const textOf = (node) => (node?.type === 'StringLiteral' ? node.value : undefined)

function visit(node, see) {
  if (typeof node !== 'object' || node === null) return
  if (typeof node.type === 'string') see(node)
  for (const value of Object.values(node)) visit(value, see)
}
