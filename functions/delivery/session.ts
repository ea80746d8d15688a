import type { AnyConnector, HttpRequest, Judgement, Rate } from '../../core/connector.ts'
import type { Carrier, Meaning } from '../../core/deliver.ts'
import {
  allowance,
  claimProbe,
  type DestinationState,
  type Gate,
  gate,
  returnProbe,
  type Saving,
  savingOf,
} from '../../core/destination-state.ts'
import type { Lane } from '../../core/event.ts'
import type { Log } from '../../core/log.ts'
import { aheadOf } from '../../core/pace.ts'
import type { Destination, Tenant } from '../../core/tenant.ts'
import { reserveSlots, slowDown } from '../aws/pace.ts'
import { readState, storeState } from '../aws/state.ts'
import type { World } from '../world.ts'
import type { Credential, Credentials, NoCredential } from './credential.ts'
import { type Dead, tellDeaths } from './deaths.ts'
import { createGuard, NOT_STARTED } from './guard.ts'
import { createSlotQueue, type SlotQueue } from './slots.ts'
import { type Closed, createStanding } from './standing.ts'

export type DeliveryWorld = Omit<World, 'exchange'>

export type About = {
  connector: AnyConnector
  destination: Destination
  tenant: Tenant
  /** Unique: names the run in leases and in the ledger. */
  run: string
  log: Log
  /** Epoch ms at which the function is killed. */
  deadline: number
}

/** What one run of one destination shares: its standing, its credential, its connections, its deadline, its counts. */
export type Session = About & {
  world: DeliveryWorld
  counts: Counts
  /** Events that died in this run and have not been told of yet. */
  deaths: Dead[]
  /** Mails those deaths, once for each cause. */
  tell(): Promise<void>
  state(): DestinationState
  remember(shards: number): Promise<void>
  /** Why nothing more may be sent in this run; undefined while it may. */
  closed(): Closed | undefined
  /** One record, then the gate decides: this run is the probe of a destination that was shut. */
  probing(): boolean
  /** The probe was answered in a way that does not speak against the destination. */
  probed(): Promise<void>
  /** Nothing was there to be sent: whoever has something may be the probe. */
  unprobed(): Promise<void>
  /** Makes sure that there is a credential; false, and the session closed, if there is none to be had. */
  ready(): Promise<boolean>
  /** `expected`: how many more requests this lane will want, so that the pace is reserved in slices. */
  carrier(lane: Lane, expected: () => number): Carrier
  /** What a record's outcome says about the whole destination. */
  heed(judgement: Judgement, eventId: string): Promise<void>
  end(): Promise<void>
}
export type Counts = {
  delivered: number
  retried: number
  dead: number
  skipped: number
  suppressed: number
  calls: number
  callMs: number
  /** Records that the vendor has taken. */
  accepted: number
  /** Refused records by code: many of one code with nothing delivered are no bad records but a bad configuration. */
  rejected: Map<string, number>
}

/** An account that has used most of its allowance is asked at a fifth of the rate; what a whole day allows stays as it is. */
const ratesOf = (rates: readonly Rate[], saving: Saving): readonly Rate[] =>
  saving === 'slow'
    ? rates.map(({ requests, perMs }) => ({ requests: perMs < 3_600_000 ? requests / 5 : requests, perMs }))
    : rates

/** A lease outlives the function that took it, whatever their clocks say. */
export const LEASE_MARGIN_MS = 10_000

/** Time that a batch needs beside the call itself: its ledger before, its settling after. */
const SETTLE_MS = 3_000

/** Lambda or the token table could not be reached: the token is not to blame, and not to be asked for by every batch. */
const RENEWAL_FAILED = (): NoCredential => ({ ok: false, verdict: 'retry', code: 'renewal-failed', words: '' })

/** The session, or what keeps the destination shut. A probe is claimed here: of many runs, one gets it. */
export async function openSession(
  world: DeliveryWorld,
  credentials: Credentials,
  about: About,
): Promise<{ session: Session } | { shut: Extract<Gate, { open: false }>; state: DestinationState }> {
  const { connector, destination } = about
  const first = await readState(world, connector.name, destination.tenant)
  const conditions = {
    revision: destination.revision,
    credential: first.stopped ? await credentials.id(connector, destination) : '',
  }
  const now = world.now()
  const found = gate(first, now, conditions)
  if (found.open) return { session: createSession(world, credentials, about, first, false) }
  if (!found.probe) return { shut: found, state: first }
  const claimed = claimProbe(first, now, conditions, destination.breaker.resetMs)
  if (!(await storeState(world, connector.name, destination.tenant, claimed, first.version)))
    return { shut: { ...found, probe: false }, state: first }
  return { session: createSession(world, credentials, about, { ...claimed, version: first.version + 1 }, true) }
}

function createSession(
  world: DeliveryWorld,
  credentials: Credentials,
  about: About,
  first: DestinationState,
  probe: boolean,
): Session {
  const { connector, destination, deadline, log } = about
  let credential: Credential | undefined
  let probing = probe
  const standing = createStanding(world, destination, log, first, () => ({
    revision: destination.revision,
    credential: credential?.id ?? 'none',
  }))
  const timeouts = Object.values(connector.calls).map(kind => kind.timeoutMs)
  const http = world.openHttp()
  const guard = createGuard(world, http, Math.max(...timeouts))
  const abort = new AbortController()
  const counts: Counts = {
    delivered: 0,
    retried: 0,
    dead: 0,
    skipped: 0,
    suppressed: 0,
    calls: 0,
    callMs: 0,
    accepted: 0,
    rejected: new Map(),
  }

  const deaths: Dead[] = []
  const without = async (missing: NoCredential): Promise<void> => {
    if (missing.verdict === 'misconfigured') await standing.stopped('unauthorized', missing)
    else if (missing.verdict === 'throttled') await standing.throttled(missing)
    else {
      standing.close('destination')
      await standing.failed(missing)
    }
  }

  // However many lanes meet the same dead token, one of them renews it.
  const renewals = new Map<string, Promise<boolean>>()
  const renew = (failed: Credential): Promise<boolean> => {
    const renewal =
      renewals.get(failed.id) ??
      credentials
        .renew(connector, destination, failed)
        .catch(RENEWAL_FAILED)
        .then(async fresh => {
          if (fresh.ok) credential = fresh
          else await without(fresh)
          return fresh.ok
        })
    renewals.set(failed.id, renewal)
    return renewal
  }

  const queues = new Map<string, SlotQueue>()
  const ratesFor = (call: string) => credential?.limits?.[call] ?? connector.calls[call]!.rates(destination.settings)
  const accountOf = (call: string) => ({ connector: connector.name, account: destination.account, call })
  const slowed = new Map<string, number>()
  /** What nobody waits for stays where it is while the account's allowance is nearly used up. */
  const hold = (lane: Lane) => {
    if (lane === 'normal' && savingOf(standing.state(), world.now()) === 'urgent-only') standing.close('allowance')
  }
  const shut = () => standing.closed() !== undefined && standing.closed() !== 'allowance'
  /**
   * Waits for the turn of one request; false if it comes too late for this run, or the destination has shut meanwhile. A load
   * that has begun is not held back for the allowance: a job that was opened would be left without its records.
   */
  const turn = async (call: string, lane: Lane, expected: number, begun: boolean): Promise<boolean> => {
    const { timeoutMs } = connector.calls[call]!
    const rates = ratesFor(call)
    const queue = queues.get(`${call}#${lane}`) ?? createSlotQueue(world, abort.signal)
    queues.set(`${call}#${lane}`, queue)
    const at = await queue.next(async () => {
      if (begun ? shut() : standing.closed()) return undefined
      const saving = lane === 'normal' ? savingOf(standing.state(), world.now()) : 'none'
      const slots = await reserveSlots(
        world,
        accountOf(call),
        ratesOf(rates, saving),
        Math.max(1, expected),
        lane,
        deadline - SETTLE_MS - timeoutMs,
      )
      if (!slots.length) standing.close('time')
      else if (!probing) await standing.look()
      hold(lane) // another run may have been told
      return { slots, keepMs: aheadOf(rates) }
    })
    // Who has a slot in time uses it, although nobody gets another one.
    const mayLeave = () => [undefined, 'time', begun && 'allowance'].includes(standing.closed())
    if (at === undefined || !mayLeave()) return false
    if (Math.max(at, world.now()) + timeoutMs + SETTLE_MS > deadline) {
      standing.close('time')
      return false
    }
    if (at <= world.now()) return true
    const before = slowed.get(call)
    await world.sleep(at - world.now(), abort.signal)
    // Granted before the vendor told that less is left: another slot.
    return slowed.get(call) === before ? mayLeave() : turn(call, lane, expected, begun)
  }

  const send = async (
    call: string,
    request: HttpRequest,
    meaning: Meaning,
    lane: Lane,
    expected: number,
    begun: boolean,
  ) =>
    guard.send(credential!.sign(request), connector.calls[call]!, {
      before: () => turn(call, lane, expected, begun),
      meaning,
      remaining: () => deadline - SETTLE_MS - world.now(),
      signal: abort.signal,
      timed: ms => {
        counts.calls++
        counts.callMs += ms
      },
    })

  const closed = () => standing.closed() ?? (world.now() > deadline - SETTLE_MS ? 'time' : undefined)
  return {
    ...about,
    world,
    counts,
    deaths,
    tell: () => tellDeaths(world, destination, deaths.splice(0)),
    closed,
    state: standing.state,
    remember: shards => standing.change(state => (state.shards < shards ? { ...state, shards } : state)),
    probing: () => probing,
    async probed() {
      if (!probing || shut()) return
      probing = false
      await standing.recovered()
    },
    async unprobed() {
      if (probing && !standing.closed()) await standing.change(state => returnProbe(state, world.now()))
    },
    async ready() {
      if (credential) return true
      const found = await credentials.read(connector, destination)
      if (found.ok) credential = found
      else await without(found)
      return found.ok
    },
    carrier(lane, expected) {
      let used = credential
      let begun = false
      return {
        now: world.now,
        baseUrl: () => credential?.baseUrl,
        closed: () => closed() !== undefined,
        async send(call, request, meaning) {
          used = credential
          const ended = await send(call, request, meaning, lane, expected(), begun)
          begun ||= ended.answered
          return ended
        },
        renew: async () => used !== undefined && (await renew(used)),
        async judged({ verdict, ...words }) {
          // A probe has passed only when its record is told: see `probed`.
          if (verdict === 'delivered' && !probing) await standing.succeeded()
          if ((verdict === 'retry' || verdict === 'unknown') && words.code !== NOT_STARTED) await standing.failed(words)
          if (guard.tripped() && !shut()) await standing.failed({ code: 'too-many-failures' }, true)
        },
        async used(share) {
          await standing.change(state => allowance(state, world.now(), share))
          hold(lane)
        },
        async left(call, left) {
          if (!(await slowDown(world, accountOf(call), ratesFor(call), left))) return
          slowed.set(call, (slowed.get(call) ?? 0) + 1)
          for (const slower of ['normal', 'urgent'] as const) queues.get(`${call}#${slower}`)?.forget()
        },
        broken: error => log.error('connector threw', { error: String((error as Error)?.stack ?? error) }),
      }
    },
    async heed(judgement, eventId) {
      const { verdict } = judgement
      if (verdict === 'misconfigured') await standing.stopped('misconfigured', judgement, [eventId])
      // Not renewed: the renewal itself has said why, and shut the session.
      if (verdict === 'unauthorized' && !shut()) await standing.stopped('unauthorized', judgement, [eventId])
      if (verdict === 'throttled' && judgement.scope !== 'record') await standing.throttled(judgement)
    },
    async end() {
      abort.abort()
      await http.close()
      guard.close()
    },
  }
}
