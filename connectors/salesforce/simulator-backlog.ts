import type { Case, VendorAnswer } from '../../core/simulator.ts'
import type { Settings } from './settings.ts'
import { view } from './simulator-people.ts'

const BACKLOG = 2_001
const events = Array.from({ length: BACKLOG }, (_, n) => view(`n${n}`, { user: { id: `C-${n}` } }))
const all = (outcome: Case<Settings>['outcomes'][string]) => Object.fromEntries(events.map(({ id }) => [id, outcome]))
const refusal = (status: number, errorCode: string, message = ''): VendorAnswer => ({
  status,
  body: [{ errorCode, message }],
})

/** More than 2,000 waiting records of one object. How jobs are followed to their end is in test/salesforce.test.ts. */
export const bulk: readonly Case<Settings>[] = [
  {
    title: 'a backlog of one object goes as a bulk job, which is asked after later',
    events,
    sent: [],
    outcomes: all('pending'),
    details: { n0: { job: '750000000000000001', waitMs: 60_000 }, n2000: { job: '750000000000000001' } },
  },
  {
    title: 'a backlog with a column that is no field stops the destination',
    events,
    answers: [undefined, refusal(400, 'InvalidBatch', 'Field name not found : Sku__c')],
    sent: [],
    outcomes: all('misconfigured'),
  },
]
