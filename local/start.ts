import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { createControls, tenantsOf } from './controls.ts'
import { evaluate } from './evaluate.ts'
import { createJournal } from './journal.ts'
import { createPage } from './page/server.ts'
import { fillShop } from './shop/fill.ts'
import { withOrigin } from './shop/origin.ts'
import { createShop } from './shop/server.ts'
import { type LocalStack, startStack } from './stack.ts'
import { fileStore } from './store.ts'
import { startTerminal } from './terminal.ts'
import { playVisit } from './visit.ts'

const HELP = `npm start [-- options]
  --stack <name>   configuration to run: Pulumi.<name>.yaml (default: dev)
  --port <n>       port of ingestion (default: 8787, or any free one)
  --fresh          forget what earlier runs left
  --real-time      schedules as declared; without it a minute is a second
  --no-visit       do not play the recorded visit`

async function start(): Promise<void> {
  const { values: options } = parseArgs({
    options: {
      stack: { type: 'string', default: 'dev' },
      port: { type: 'string' },
      fresh: { type: 'boolean', default: false },
      'real-time': { type: 'boolean', default: false },
      'no-visit': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  if (options.help) return console.log(HELP)
  const journal = createJournal({ now: Date.now })
  let print = (line: string): void => console.error(line)
  const shop = await createShop() // first, for its address is part of what the stack is told
  const program = await evaluate({ stack: options.stack })
  const tenants = tenantsOf(program)
  const [first] = tenants
  const stack = await startStack({
    program: first ? withOrigin(program, first.id, shop.url) : program,
    stack: options.stack,
    fresh: options.fresh,
    realTime: options['real-time'],
    ...(options.port && { ingestPort: Number(options.port) }),
    sink: journal,
    log: line => print(line),
  })
  const about = { stack: options.stack, ingestUrl: stack.ingestUrl, tenants, shopUrl: shop.url }
  const page = await createPage({ journal, controls: createControls(stack), about })
  if (first) await fillShop(shop, { tenant: first.id, ingestUrl: stack.ingestUrl, livePage: page.url })
  writeRunning(stack, options.stack, page.url)
  greet(stack, page.url, shop.url, tenants)
  const terminal = startTerminal(journal, { out: process.stdout })
  print = line => terminal.print(line)
  stopOnSignals(async () => {
    terminal.stop()
    await Promise.all([shop.close(), page.close(), stack.stop()])
  })
  // The same visit at each tenant's site, one after the other: their mappings differ.
  if (!options['no-visit'])
    for (const tenant of tenants)
      await playVisit({
        speed: 20,
        ingestUrl: stack.ingestUrl,
        tenants: [tenant, ...tenants.filter(other => other !== tenant)],
      })
}

/** How `npm run connect -- local ...` finds a running stack. `stop()` removes it. */
const writeRunning = (stack: LocalStack, name: string, pageUrl: string) =>
  fileStore(join(stack.dataDir, 'running.json'), {}).write({
    stack: name,
    awsUrl: stack.awsUrl,
    ingestUrl: stack.ingestUrl,
    pageUrl,
    pid: process.pid,
  })

function greet(
  { ingestUrl }: LocalStack,
  pageUrl: string,
  shopUrl: string,
  tenants: readonly { id: string; origin: string }[],
): void {
  const [first] = tenants
  console.log(`
Look at it    ${pageUrl}
Shop in it    ${shopUrl}   its tags are the ones that a marketer imports
Post to       ${ingestUrl}/v1/events/{tenant}   tenants: ${tenants.map(({ id }) => id).join(', ')}
For example   curl ${ingestUrl}/v1/events/${first?.id} -H 'Origin: ${first?.origin}' \\
                --data '{"name":"generate_lead","user":{"email":"ana@example.com"},"consent":{"marketing":true}}'
Stop it with  Ctrl-C; started again it goes on where it was (npm start -- --fresh forgets)
`)
}

/** The first signal stops everything at once; a second one does not wait for it. */
function stopOnSignals(stop: () => Promise<void>): void {
  let stopping = false
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => {
      if (stopping) process.exit(1)
      stopping = true
      stop().then(
        () => process.exit(0),
        error => {
          console.error(error)
          process.exit(1)
        },
      )
    })
}

start().catch(error => {
  console.error(error instanceof Error ? error.message : error)
  process.exit(1)
})
