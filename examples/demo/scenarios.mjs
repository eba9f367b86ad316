// What happened in the demo's traces, step by step: a shop's support agent and an agent that repairs code.
// make-traces.mjs turns it into OpenTelemetry spans and fills in times, tokens and costs.

/** The model answers with text, or, without text, by calling the tools that come next. */
const chat = (says) => ({ type: 'chat', says })

/** A model call that the provider refused. */
const refused = (errorType, message, ms) => ({ type: 'chat', ms, error: { type: errorType, message } })

/** A tool call. `tokens`: the size of a result that is abbreviated here. */
const tool = (name, input, result, ms, tokens) => ({ type: 'tool', name, input, result, ms, tokens })

const failedTool = (name, input, ms, errorType, message) => {
  return { type: 'tool', name, input, ms, error: { type: errorType, message } }
}

/** A search by meaning: the query is embedded, then looked up. */
const retrieval = (source, query, documents, ms) => ({ type: 'retrieval', source, query, documents, ms })

/** Steps that run at the same time. */
const together = (...steps) => ({ type: 'together', steps })

/** Another agent takes over a part of the work. */
const handOff = (agent, task, steps) => ({ type: 'agent', agent, task, steps })

export const agents = {
  support: { name: 'support', version: '2.3.1', model: 'claude-sonnet-4-5', promptTokens: 1480 },
  billing: { name: 'billing', version: '1.1.0', model: 'claude-haiku-4-5', promptTokens: 620 },
  coder: { name: 'code-fixer', version: '0.9.4', model: 'gpt-5', promptTokens: 6210 },
  reviewer: { name: 'reviewer', version: '0.2.0', model: 'claude-sonnet-4-5', promptTokens: 2350 },
}

const help = 'help-center'

const supportScenarios = [
  {
    at: '2026-11-20T08:02:11.384120Z',
    session: 'conv-4101',
    user: 'ana.moreira',
    asks: 'Hi! Where is my order 20418? It should have come on Tuesday.',
    steps: [
      chat(),
      tool('lookup_order', { order: 20418 }, { status: 'in transit', carrier: 'DHL', due: '2026-11-21' }, 83),
      chat(
        'Your order 20418 left our warehouse on Wednesday and is with DHL. It is due tomorrow, 21 November. ' +
          'Sorry for the delay!',
      ),
    ],
  },
  {
    at: '2026-11-20T08:47:30.018455Z',
    session: 'conv-4102',
    user: 'jonas.weber',
    asks: 'The blue mug from order 20377 arrived broken. I would like my money back, please.',
    steps: [
      chat(),
      together(
        tool('lookup_order', { order: 20377 }, { total: 24.9, items: ['mug, blue', 'tea towel'], paid: 'card' }, 96),
        retrieval(
          help,
          'refund for a damaged item',
          ['Refunds: damaged on arrival', 'Refunds: how long they take'],
          141,
        ),
      ),
      chat(),
      failedTool(
        'issue_refund',
        { order: 20377, amount: 14.9 },
        3000,
        'timeout',
        'payments did not answer within 3000 ms',
      ),
      chat(),
      tool('issue_refund', { order: 20377, amount: 14.9 }, { refund: 'rf_88213', status: 'accepted' }, 624),
      tool('send_email', { to: 'jonas.weber', template: 'refund-accepted' }, { queued: true }, 58),
      chat(
        'I am sorry about the mug. I have refunded 14.90 EUR to your card; it takes three to five working days. ' +
          'A confirmation is on its way to you, and you need not send anything back.',
      ),
    ],
  },
  {
    at: '2026-11-20T08:49:12.771902Z',
    session: 'conv-4102',
    user: 'jonas.weber',
    asks: 'That was quick, thank you!',
    steps: [chat('You are welcome, Jonas. Enjoy the tea towel, and come back whenever you need us.')],
  },
  {
    at: '2026-11-20T09:31:05.220311Z',
    session: 'conv-4105',
    user: 'li.na',
    asks: 'Can I wash the wool blanket in the machine?',
    steps: [
      chat(),
      retrieval(
        help,
        'washing a wool blanket',
        ['Care: wool', 'Care: symbols on labels', 'Product: blanket Skye'],
        118,
      ),
      chat('Yes: wool programme, 30 degrees, no spin above 600. Dry it flat, and keep it out of the dryer.'),
    ],
  },
  {
    at: '2026-11-20T11:15:44.905733Z',
    session: 'conv-4111',
    user: 'sam.okafor',
    asks: 'I was charged twice for order 20455. What is going on?',
    steps: [
      refused('rate_limit_error', '429: requests per minute exceeded', 212),
      chat(),
      tool('lookup_order', { order: 20455 }, { total: 61, payments: 2, status: 'packed' }, 77),
      handOff('billing', 'Order 20455 shows two payments of 61.00. Find out which one stands.', [
        chat(),
        together(
          tool(
            'list_payments',
            { order: 20455 },
            [
              { id: 'pay_71', state: 'captured' },
              { id: 'pay_72', state: 'hold' },
            ],
            205,
          ),
          tool('card_statement', { user: 'sam.okafor' }, { pending: 61, booked: 61 }, 388),
        ),
        chat('Only pay_71 was captured. pay_72 is a hold of the bank, which lapses on 24 November.'),
      ]),
      chat(
        'You paid once. The second amount is a reservation that your bank made; it goes away by itself on 24 November. ' +
          'If it is still there after that, write to us and we will sort it out.',
      ),
    ],
  },
  {
    at: '2026-11-20T13:58:20.000917Z',
    session: 'conv-4119',
    user: 'p.novak',
    asks: 'Please change the address of order 20461 to Lindenweg 4.',
    fails: { type: 'tool_error', message: 'the order service is down; the customer was asked to come back later' },
    steps: [
      chat(),
      failedTool(
        'lookup_order',
        { order: 20461 },
        5000,
        'connection_refused',
        'order-service:8080 refused the connection',
      ),
      chat(),
      failedTool(
        'lookup_order',
        { order: 20461 },
        5000,
        'connection_refused',
        'order-service:8080 refused the connection',
      ),
      chat('I cannot reach our order system right now. Please try again in a few minutes; I have noted your request.'),
    ],
  },
  {
    at: '2026-11-20T16:20:09.414062Z',
    session: 'conv-4127',
    user: 'ana.moreira',
    asks: 'My parcel 20418 came today, but I ordered size M and got L.',
    steps: [
      chat(),
      together(
        tool('lookup_order', { order: 20418 }, { items: ['cardigan, M'], status: 'delivered' }, 81),
        tool('check_stock', { item: 'cardigan', size: 'M' }, { available: 3 }, 64),
        retrieval(help, 'exchange for another size', ['Returns: exchange', 'Returns: label'], 127),
      ),
      chat(),
      tool('create_exchange', { order: 20418, size: 'M' }, { exchange: 'ex_1209', label: 'sent' }, 340),
      chat(
        'We got that wrong, sorry! A size M leaves today. Use the label in your inbox to return the L, free of charge.',
      ),
    ],
  },
].map((scenario) => ({ ...scenario, agent: 'support', service: 'acme-support' }))

const coderScenarios = [
  {
    at: '2026-11-20T09:04:57.633208Z',
    session: 'pr-812',
    user: 'ci',
    asks: 'test/invoice.test.ts fails since yesterday: "expected 2026-11-01, got 2026-10-31". Please fix it.',
    steps: [
      chat(),
      tool('run_tests', { path: 'test/invoice.test.ts' }, '1 failed: due date is the first of the month', 4120, 380),
      chat(),
      together(
        tool('read_file', { path: 'src/invoice.ts' }, 'export function dueDate(…) { … }', 9, 1540),
        tool('read_file', { path: 'test/invoice.test.ts' }, "it('is due on the first of the month', …)", 7, 910),
        tool(
          'search_code',
          { query: 'toISOString().slice(0, 10)' },
          ['src/invoice.ts:41', 'src/report.ts:17'],
          54,
          120,
        ),
      ),
      chat(),
      tool('edit_file', { path: 'src/invoice.ts', lines: '39-43' }, 'edited', 12),
      tool('run_tests', { path: 'test/invoice.test.ts' }, '1 failed: report uses another time zone', 4015, 410),
      chat(),
      tool('edit_file', { path: 'src/report.ts', lines: '15-18' }, 'edited', 11),
      tool('run_tests', {}, '214 passed', 18400, 260),
      chat('Fixed: both dates were cut from local midnight as UTC. They now use the calendar day. 214 tests pass.'),
    ],
  },
  {
    at: '2026-11-20T10:12:00.150077Z',
    session: 'pr-815',
    user: 'renovate',
    asks: 'Update zod from 3 to 4 and make everything pass.',
    steps: [
      chat(),
      together(
        tool('search_code', { query: "from 'zod'" }, ['src/config.ts', 'src/api/body.ts', 'src/api/query.ts'], 61, 140),
        tool('web_fetch', { url: 'https://zod.dev/v4/changelog' }, 'Migration guide …', 733, 5200),
      ),
      chat(),
      tool('run_command', { command: 'npm install zod@4' }, 'changed 1 package', 6210, 60),
      tool('run_tests', {}, '3 failed, 211 passed', 17950, 940),
      chat(),
      together(
        tool('edit_file', { path: 'src/config.ts', lines: '8-30' }, 'edited', 14),
        tool('edit_file', { path: 'src/api/query.ts', lines: '3-12' }, 'edited', 10),
      ),
      tool('run_tests', {}, '214 passed', 18120, 260),
      chat('zod is at 4. Two schemas used z.string().email(), which is now z.email(). 214 tests pass.'),
    ],
  },
  {
    at: '2026-11-20T14:40:33.087640Z',
    session: 'pr-820',
    user: 'mira',
    asks: 'Add a limit parameter to GET /orders, and have it reviewed.',
    steps: [
      chat(),
      tool('read_file', { path: 'src/api/orders.ts' }, "router.get('/orders', …)", 8, 1870),
      chat(),
      together(
        tool('edit_file', { path: 'src/api/orders.ts', lines: '22-31' }, 'edited', 13),
        tool('edit_file', { path: 'test/api/orders.test.ts', lines: '60-84' }, 'edited', 12),
      ),
      tool('run_tests', { path: 'test/api' }, '58 passed', 6900, 210),
      handOff('reviewer', 'Review the change of src/api/orders.ts.', [
        chat(),
        tool('git_diff', {}, '2 files changed, 31 insertions(+), 4 deletions(-)', 21, 960),
        chat('One finding: a limit of 0 or below reaches the database. Refuse it with status 400. Otherwise good.'),
      ]),
      chat(),
      tool('edit_file', { path: 'src/api/orders.ts', lines: '24-25' }, 'edited', 10),
      tool('run_tests', { path: 'test/api' }, '59 passed', 6870, 210),
      chat('GET /orders takes limit (1 to 200, default 50). The reviewer found that 0 passed; it is refused now.'),
    ],
  },
  {
    at: '2026-11-20T15:26:48.591204Z',
    session: 'pr-823',
    user: 'ci',
    asks: 'The upload test is flaky: it fails about once in ten runs. Find out why.',
    fails: { type: 'budget_exceeded', message: 'gave up after three attempts: the test still fails now and then' },
    steps: [
      chat(),
      tool(
        'run_command',
        { command: 'npx vitest run test/upload.test.ts --repeats 20' },
        '2 of 20 failed',
        26300,
        1300,
      ),
      chat(),
      tool('read_file', { path: 'src/upload.ts' }, 'export class Upload { … }', 9, 2480),
      chat(),
      tool('edit_file', { path: 'src/upload.ts', lines: '77-90' }, 'edited', 12),
      tool(
        'run_command',
        { command: 'npx vitest run test/upload.test.ts --repeats 20' },
        '1 of 20 failed',
        25800,
        1250,
      ),
      chat(),
      tool('edit_file', { path: 'src/upload.ts', lines: '80-84' }, 'edited', 11),
      failedTool(
        'run_command',
        { command: 'npx vitest run test/upload.test.ts --repeats 100' },
        60000,
        'timeout',
        'the command was stopped after 60000 ms',
      ),
      chat(
        'I narrowed it down to Upload.close(), which races with the last chunk, but could not make it pass every time.',
      ),
    ],
  },
  {
    at: '2026-11-20T17:05:16.748350Z',
    session: 'pr-826',
    user: 'mira',
    asks: 'Rename Basket to Cart everywhere.',
    steps: [
      chat(),
      tool('search_code', { query: 'Basket' }, ['31 matches in 9 files'], 49, 760),
      chat(),
      tool('run_command', { command: 'npx ts-rename Basket Cart' }, '9 files changed', 2130, 90),
      together(
        tool('run_tests', {}, '214 passed', 18010, 260),
        tool('run_command', { command: 'npx tsc --noEmit' }, '', 5230, 10),
      ),
      chat('Renamed in 9 files. Tests and types are fine; the database column is still called basket_id.'),
    ],
  },
].map((scenario) => ({ ...scenario, agent: 'coder', service: 'pull-request-bot' }))

export const scenarios = [...supportScenarios, ...coderScenarios].sort((a, b) => (a.at < b.at ? -1 : 1))
