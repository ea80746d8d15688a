import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { responsys } from '../connectors/responsys/index.ts'
import simulator from '../connectors/responsys/simulator.ts'
import type { Event } from '../core/connector.ts'
import { readAccess } from '../functions/aws/tokens.ts'
import { type Dynamo, startDynamo } from './tools/dynamo.ts'
import { createRig, START } from './tools/rig.ts'

let dynamo: Dynamo
before(async () => {
  dynamo = await startDynamo()
})
after(() => dynamo.stop())

/** How long 300 views take, one by one, in the clock's minutes. */
async function minutesFor(account: string): Promise<number> {
  const r = await createRig(
    { connector: responsys, simulator, destination: { settings: { ...simulator.settings, recordsPerRequest: 1 } } },
    dynamo,
  )
  r.secrets.set('/connect/responsys/loja-abc/credentials', simulator.credentials(simulator.settings, account))
  await r.accept(Array.from({ length: 300 }, (_, i) => view(i)))
  const start = r.now()
  for (let runs = 0; runs < 40 && (await r.waiting()).length; runs++) await r.run()
  assert.deepEqual(await r.waiting(), [])
  assert.ok((await readAccess(r.world, 'responsys', 'loja-abc'))?.limits, 'the account was asked for its limits')
  return (r.now() - start) / 60_000
}

const view = (i: number): Event => ({
  id: `view-${i}`,
  name: 'view_item',
  at: new Date(START + i).toISOString(),
  user: { email: `p${i}@example.com` },
})

test('an account that says it may do more is paced by what it says, not by what the page says', async () => {
  const [standard, fast] = [await minutesFor('demo'), await minutesFor('demo-fast')]
  assert.ok(fast < standard * 0.6, `${fast} minutes against ${standard}`)
})
