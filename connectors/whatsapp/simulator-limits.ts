import type { Fault } from './simulator-templates.ts'

const PER_SECOND = 80
const BURST = 45
const PAIR_MS = 6_000

/**
 * Throughput of a number (80 a second) and the rate of a pair: one message in 6 seconds, of which 45 may be had at once on credit.
 * https://developers.facebook.com/docs/whatsapp/cloud-api/overview#throughput
 */
export function createLimits(clock: { now(): number }) {
  const sent = new Map<string, number[]>()
  const pairs = new Map<string, { owed: number; at: number }>()

  function owedBy(pair: string): number {
    const { owed, at } = pairs.get(pair) ?? { owed: 0, at: clock.now() }
    return Math.max(0, owed - (clock.now() - at) / PAIR_MS)
  }

  return {
    /** Counts one message of a number to a person, or says which rate it would be over. */
    take(number: string, person: string): Fault | undefined {
      const recent = (sent.get(number) ?? []).filter(time => time > clock.now() - 1000)
      sent.set(number, recent)
      if (recent.length >= PER_SECOND) return overThroughput
      const pair = `${number} ${person}`
      const owed = owedBy(pair)
      if (owed > BURST - 1) return overPair
      recent.push(clock.now())
      pairs.set(pair, { owed: owed + 1, at: clock.now() })
      return undefined
    },
  }
}

export const overThroughput: Fault = {
  status: 400,
  code: 130429,
  message: '(#130429) Rate limit hit',
  details: 'Cloud API message throughput has been reached.',
}
const overPair: Fault = {
  status: 400,
  code: 131056,
  message: '(#131056) (Business Account, Consumer Account) pair rate limit hit',
  details:
    'Message failed to send because there were too many messages sent from this phone number to the same phone number.',
}
