import type { Event } from '../../core/connector.ts'
import type { Case } from '../../core/simulator.ts'
import type { AcmeSettings, Magic } from './acme.ts'

/** An event for Acme: `acme('visit', 'ana', 'reject')`. */
export const acmeEvent = (name: string, id: string, acme?: string, more: Event['properties'] = {}): Event => ({
  id,
  name,
  at: '2026-11-20T12:00:00.000Z',
  user: { email: `${id}@example.com` },
  properties: { ...(acme && { acme }), ...more },
})

const alone = (name: string, acme: Magic, outcome: Case<AcmeSettings>['outcomes'][string]): Case<AcmeSettings> => ({
  title: `${name} that says ${acme} is ${outcome}`,
  events: [acmeEvent(name, 'ana', acme)],
  outcomes: { ana: outcome },
})
const among = (acme: Magic, outcome: Case<AcmeSettings>['outcomes'][string]): Case<AcmeSettings> => ({
  title: `visits beside one that says ${acme} are delivered, and it is ${outcome}`,
  events: [acmeEvent('visit', 'ana'), acmeEvent('visit', 'bad', acme), acmeEvent('visit', 'eva')],
  outcomes: { ana: 'delivered', bad: outcome, eva: 'delivered' },
})

export const acmeCases: readonly Case<AcmeSettings>[] = [
  {
    title: 'a purchase is a profile and then a row, and a message if it says so',
    events: [acmeEvent('purchase', 'ana', undefined, { tell: true })],
    sent: Array.from({ length: 3 }, () => ({ event: 'ana', person: 'ana@example.com' })),
    outcomes: { ana: 'delivered' },
  },
  {
    title: 'a row is not sent where its profile was refused',
    events: [acmeEvent('purchase', 'ana', 'profile:reject'), acmeEvent('purchase', 'eva')],
    sent: Array.from({ length: 2 }, () => ({ event: 'eva', person: 'eva@example.com' })),
    outcomes: { ana: 'rejected', eva: 'delivered' },
  },
  {
    title: 'two purchases of one person never share a request for the profile',
    events: ['one', 'two'].map(id => ({ ...acmeEvent('purchase', id), user: { email: 'ana@example.com' } })),
    outcomes: { one: 'delivered', two: 'delivered' },
  },
  {
    title: 'an event of nobody is skipped',
    events: [{ ...acmeEvent('visit', 'x'), user: {} }],
    outcomes: { x: 'skipped' },
  },
  { title: 'an event nobody asked for is skipped', events: [acmeEvent('scroll', 'x')], outcomes: { x: 'skipped' } },
  among('reject', 'rejected'),
  among('retry', 'retry'),
  among('busy', 'throttled'),
  among('later', 'retry'),
  among('refuse', 'rejected'),
  among('refuse-silently', 'rejected'),
  among('silent', 'retry'),
  alone('message', 'later', 'unknown'),
  alone('visit', 'throttle', 'throttled'),
  alone('visit', 'unauthorized', 'unauthorized'),
  alone('visit', 'misconfigure', 'misconfigured'),
  alone('visit', 'moved', 'misconfigured'),
  alone('visit', 'down', 'retry'),
  alone('message', 'down', 'unknown'),
  alone('message', 'not-processed', 'retry'),
  alone('visit', 'reset', 'retry'),
  alone('message', 'reset', 'unknown'),
  alone('message', 'refused', 'retry'),
  alone('visit', 'hang', 'retry'),
  alone('message', 'hang', 'unknown'),
  {
    title: 'a request that is too large passes in halves',
    events: [acmeEvent('visit', 'ana'), acmeEvent('visit', 'eva')],
    answers: [{ status: 413 }],
    outcomes: { ana: 'delivered', eva: 'delivered' },
  },
]
