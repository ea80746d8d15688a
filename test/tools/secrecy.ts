import assert from 'node:assert/strict'
import type { AnyConnector, Event } from '../../core/connector.ts'
import type { Case, Simulator } from '../../core/simulator.ts'
import { endOf } from '../../local/rehearse.ts'
import { memoryDynamo } from './memory-dynamo.ts'
import { createRig } from './rig.ts'

/** A worked case through the deployed `process`: its log, its mails and why its letters died tell no secret and nobody's address. */
export async function keepsQuiet(
  connector: AnyConnector,
  simulator: Simulator<object>,
  example: Case<object>,
): Promise<void> {
  const settings = { ...simulator.settings, ...example.settings }
  const rig = await createRig({ connector, simulator, destination: { settings } }, memoryDynamo())
  const answers = [...(example.answers ?? [])]
  const tokens = new Set<string>()
  rig.setHook(async (step, perform) => {
    const { headers = {} } = (step.input ?? {}) as { headers?: { [name: string]: string } }
    if (headers.authorization) tokens.add(headers.authorization.replace(/^\w+ /, ''))
    const answer = step.kind === 'vendor' ? answers.shift() : undefined
    return answer ? endOf(answer) : perform()
  })
  await rig.accept(example.events)
  await rig.run()
  await rig.tick()
  await rig.run() // it logs what went wrong, and mails
  const told = [
    ...rig.lines.map(line => JSON.stringify(line)),
    ...rig.mails.map(({ subject, text }) => `${subject}\n${text}`),
    ...(await rig.letters()).map(({ death }) => JSON.stringify(death)),
  ]
  const hidden = [...Object.values(simulator.credentials(settings)), ...tokens, ...addressesOf(example.events)]
  for (const text of told)
    for (const one of hidden) assert.ok(!one || !text.includes(one), `"${example.title}": ${text} tells ${one}`)
}

const addressesOf = (events: readonly Event[]) =>
  events.flatMap(({ user }) => [user?.email, user?.phone, user?.phone?.replace('+', '')])
