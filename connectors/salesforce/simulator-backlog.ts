import type { Case, VendorAnswer } from '../../core/simulator.ts'
import type { Settings } from './settings.ts'
import { view } from './simulator-people.ts'

const BACKLOG = 2_001
const events = Array.from({ length: BACKLOG }, (_, n) => view(`n${n}`))
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
    title: 'a job that cannot be opened says nothing of the records',
    events,
    answers: [refusal(400, 'INVALIDJOB', 'Field name provided is not an External ID')],
    sent: [],
    outcomes: all('misconfigured'),
  },
  {
    title: 'a job whose data did not arrive is aborted, and the records wait',
    events,
    answers: [undefined, { status: 500, body: '' }],
    sent: [],
    outcomes: all('retry'),
  },
  {
    title: 'a job that could not be closed is closed when it is asked after',
    events,
    answers: [undefined, undefined, { status: 500, body: '' }],
    sent: [],
    outcomes: all('pending'),
  },
]
