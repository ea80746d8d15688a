import {
  BatchGetItemCommand,
  type BatchGetItemCommandOutput,
  DeleteItemCommand,
  type KeysAndAttributes,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb'
import { all } from '../../core/all.ts'
import type { AnyConnector } from '../../core/connector.ts'
import type { Event } from '../../core/event.ts'
import { normaliseEmail, normalisePhone, personHashes, spellingHashes } from '../../core/person.ts'
import type { Tenant } from '../../core/tenant.ts'
import type { World } from '../world.ts'

type Suppressions = Pick<World, 'env' | 'dynamo'>

/**
 * Ids of the events whose person has opted out at this tenant, by any of their identities. No call is made when the
 * events identify nobody. Throws if the table cannot be read. With a connector, what its vendor alone was told counts too.
 */
export async function suppressedAmong(
  world: Suppressions,
  tenant: Pick<Tenant, 'id' | 'salt'>,
  events: readonly Event[],
  connector?: Pick<AnyConnector, 'name' | 'idsOf'>,
): Promise<Set<string>> {
  const hashesOf = (event: Event) => {
    const everywhere = event.user ? personHashes(tenant.salt, event.user) : []
    const there = connector ? [...everywhere, ...idHashes(tenant.salt, event, connector)] : []
    return [...everywhere, ...there.map(hash => at(hash, connector!.name))]
  }
  const people = events.map(event => ({ id: event.id, hashes: hashesOf(event) }))
  const wanted = [...new Set(people.flatMap(({ hashes }) => hashes))]
  if (!wanted.length) return new Set()
  const optedOut = await present(world, tenant.id, wanted)
  return new Set(people.filter(({ hashes }) => hashes.some(hash => optedOut.has(hash))).map(({ id }) => id))
}

/** Hashes of the ids by which one vendor knows the event's person: they mean nothing elsewhere. */
export const idHashes = (salt: string, event: Event, { idsOf }: Pick<AnyConnector, 'idsOf'>): readonly string[] =>
  idsOf ? spellingHashes(salt, { ids: idsOf(event) }) : []

/** Remembers an opt-out for good: every spelling of every identity given. Answers how many rows stand for the person. */
export async function suppress(
  world: Suppressions & Pick<World, 'now'>,
  tenant: Pick<Tenant, 'id' | 'salt'>,
  person: { email?: string; phone?: string },
  by: string,
): Promise<number> {
  const email = person.email && normaliseEmail(person.email)
  const phone = person.phone && (normalisePhone(person.phone) ?? person.phone)
  const hashes = personHashes(tenant.salt, { ...(email && { email }), ...(phone && { phone }) })
  const since = new Date(world.now()).toISOString()
  await Promise.all(
    hashes.map(hash =>
      world.dynamo.send(
        new PutItemCommand({
          TableName: world.env.SUPPRESSIONS_TABLE,
          Item: { pk: { S: tenant.id }, sk: { S: hash }, at: { S: since }, by: { S: by } },
        }),
      ),
    ),
  )
  return hashes.length
}

/** Whom an opt-out at one vendor is about: their salted hashes (`personHashes`). */
export type Opting = { tenant: string; connector: string; hashes: readonly string[] }

/** The person wants nothing more through this vendor; the tenant's other destinations go on. */
export const optOut = (world: Suppressions & Pick<World, 'now'>, { tenant, connector, hashes }: Opting) =>
  all(
    hashes.map(hash =>
      world.dynamo.send(
        new PutItemCommand({
          TableName: world.env.SUPPRESSIONS_TABLE,
          Item: {
            pk: { S: tenant },
            sk: { S: at(hash, connector) },
            at: { S: new Date(world.now()).toISOString() },
            by: { S: connector },
          },
        }),
      ),
    ),
  )

/** Takes back an opt-out at this vendor, and no other. */
export const optIn = (world: Suppressions, { tenant, connector, hashes }: Opting) =>
  all(
    hashes.map(hash =>
      world.dynamo.send(
        new DeleteItemCommand({
          TableName: world.env.SUPPRESSIONS_TABLE,
          Key: { pk: { S: tenant }, sk: { S: at(hash, connector) } },
        }),
      ),
    ),
  )

const at = (hash: string, connector: string) => `${hash}@${connector}`

const KEYS = 100 // https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html
const ROUNDS = 5

/** Which of the hashes have a row. Keys that DynamoDB leaves unprocessed are asked for again. */
async function present(world: Suppressions, tenant: string, hashes: readonly string[]): Promise<Set<string>> {
  const table = world.env.SUPPRESSIONS_TABLE
  if (!table) throw new Error('SUPPRESSIONS_TABLE is not set: the program declares it for every function that reads it')
  const found = new Set<string>()
  for (let from = 0; from < hashes.length; from += KEYS) {
    const Keys = hashes.slice(from, from + KEYS).map(hash => ({ pk: { S: tenant }, sk: { S: hash } }))
    let request: Record<string, KeysAndAttributes> | undefined = { [table]: { Keys, ProjectionExpression: 'sk' } }
    for (let round = 0; request?.[table]?.Keys?.length; round++) {
      if (round === ROUNDS) throw new Error('suppressions: keys left unprocessed again and again')
      const answer: BatchGetItemCommandOutput = await world.dynamo.send(
        new BatchGetItemCommand({ RequestItems: request }),
      )
      for (const { sk } of answer.Responses?.[table] ?? []) if (sk?.S) found.add(sk.S)
      request = answer.UnprocessedKeys
    }
  }
  return found
}
