// Stands in for the program of Claude Code: speaks stream-json on standard input and output, as the Claude Agent SDK
// expects of it, and answers each prompt with messages that are written by hand after the SDK's published types.
import { createInterface } from 'node:readline'
import { failingTurn, weatherTurn } from './claude-messages.mjs'

const initialized = {
  commands: [],
  agents: [],
  output_style: 'default',
  available_output_styles: ['default'],
  models: [],
  account: {},
}

for await (const line of createInterface({ input: process.stdin })) {
  const message = JSON.parse(line)
  if (message.type === 'control_request') respond(message)
  if (message.type === 'user') answer(message)
}

function respond({ request_id, request }) {
  const response = request.subtype === 'initialize' ? initialized : {}
  send({ type: 'control_response', response: { subtype: 'success', request_id, response } })
}

function answer(message) {
  const turn = JSON.stringify(message.message.content).includes('Too long.') ? failingTurn() : weatherTurn()
  for (const sent of turn) send(sent)
}

function send(message) {
  process.stdout.write(`${JSON.stringify(message)}\n`)
}
