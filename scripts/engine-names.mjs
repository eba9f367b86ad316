// Finds the code that asks which engine it works on: comparisons with an engine's name, cases of a switch, tables with
// a key for an engine, and types of such names.
import { readFileSync } from 'node:fs'
import { parseSync } from '@swc/core'

/** Where a TypeScript file asks for one of these engines: its line, counted from 1, and the name. */
export function engineNames(path, engines) {
  const source = readFileSync(path)
  // The parser counts bytes from where its last file ended. The semicolon makes a node at the very start of this file.
  const module = parseSync(`;${source.toString().replace(/^#!/, '//')}`, { syntax: 'typescript', target: 'es2022' })
  const start = module.body[0].span.start + 1
  const lineOf = ({ span }) =>
    source
      .subarray(0, span.start - start)
      .toString()
      .split('\n').length
  const found = []
  visit(module, (node) => {
    const name = asksFor(node).find((each) => engines.includes(each))
    if (name !== undefined) found.push({ line: lineOf(node), name })
  })
  return found
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
