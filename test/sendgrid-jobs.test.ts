import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import fc from 'fast-check'
import { type Settings, sendgrid } from '../connectors/sendgrid/index.ts'
import simulator from '../connectors/sendgrid/simulator.ts'
import { CLASHING, lead, order, TEMPLATES } from '../connectors/sendgrid/simulator-people.ts'
import { distribute } from '../core/distribute.ts'
import type { VendorAnswer } from '../core/simulator.ts'
import { type Dynamo, startDynamo } from './tools/dynamo.ts'
import { createRig } from './tools/rig.ts'
import { JOB_MS, open, parcelsFor, verdicts } from './tools/sendgrid.ts'

const clashing = (id: string) => lead(id, { user: { email: CLASHING } })
const contactsPut = ({ requests }: ReturnType<typeof open>) =>
  requests.filter(({ method }) => method === 'PUT').map(({ body }) => JSON.parse(body!).contacts.length)

/** The status of a job as somebody else would tell it. */
const state = (status: string, results: object = {}): VendorAnswer => ({
  status: 200,
  body: { id: 'job-1', status, job_type: 'upsert', results },
})
async function following(events: ReturnType<typeof lead>[], answer: VendorAnswer, file?: VendorAnswer) {
  const opened = open()
  opened.play(({ url }) => (url.includes('/imports/') ? answer : url.includes('.amazonaws.com/') ? file : undefined))
  const told = await opened.send({ call: 'contacts', job: 'job-1', parcels: parcelsFor(events) })
  return { ...opened, told }
}

suite('a job of contacts', () => {
  test('is asked after until it is done, and sends nothing anew', async () => {
    const opened = open()
    const parcels = parcelsFor([lead('ana'), lead('eva')])
    const told = await opened.send({ call: 'contacts', parcels })
    const load = { call: 'contacts', job: told.get('ana')!.job!, parcels }
    assert.deepEqual(verdicts(told), { ana: 'pending', eva: 'pending' })
    opened.clock.at += JOB_MS - 1
    assert.deepEqual(verdicts(await opened.send(load)), { ana: 'pending', eva: 'pending' })
    opened.clock.at += 1
    assert.deepEqual(verdicts(await opened.send(load)), { ana: 'delivered', eva: 'delivered' })
    assert.deepEqual(contactsPut(opened), [2])
  })
  test('with errors refuses those that its file names, and asks for the file without the key', async () => {
    const opened = open()
    const ends = await opened.write(parcelsFor([lead('ana'), clashing('bad'), lead('eva'), clashing('worse')]))
    assert.deepEqual(verdicts(ends), { ana: 'delivered', bad: 'rejected', eva: 'delivered', worse: 'rejected' })
    assert.equal(ends.get('bad')!.code, 'contact-refused')
    assert.deepEqual(contactsPut(opened), [3]) // two events of one address are one contact
    const file = opened.requests.at(-1)!
    assert.match(file.url, /\.amazonaws\.com\//)
    assert.equal(file.headers.authorization, undefined)
  })
  test('tells each contact its own fate, for any set of bad ones, with and without the file of errors', async () => {
    const identifiers = { ...simulator.settings, identifiers: ['email', 'external_id'] }
    const people = fc.uniqueArray(fc.record({ n: fc.nat(500), good: fc.boolean() }), {
      selector: ({ n }) => n,
      minLength: 1,
      maxLength: 15,
    })
    await fc.assert(
      fc.asyncProperty(people, fc.boolean(), async (some, readable) => {
        const opened = open()
        if (!readable) opened.play(({ url }) => (url.includes('.csv') ? { status: 403, body: '<Error/>' } : undefined))
        const events = some.map(({ n, good }) =>
          lead(`p${n}`, { user: { id: `u-${n}`, email: good ? `p${n}@example.com` : CLASHING } }),
        )
        const ends = await opened.write(parcelsFor(events, identifiers), identifiers)
        for (const { n, good } of some) {
          const { verdict, tries } = ends.get(`p${n}`)!
          // One whose job fails as a whole has a second try: nothing tells that from an account in trouble.
          assert.ok(good ? verdict === 'delivered' : verdict === 'rejected' || (verdict === 'retry' && tries === 2))
        }
        const stored = opened.vendor.received.map(({ key }) => key)
        assert.deepEqual(stored.toSorted(), some.flatMap(({ n, good }) => (good ? [`p${n}@example.com`] : [])).sort())
      }),
      { numRuns: 60 },
    )
  })
  test('that SendGrid has forgotten is written again', async () => {
    const { told } = await following([lead('ana')], { status: 404, body: { errors: [{ message: 'not found' }] } })
    assert.deepEqual(told.get('ana'), { verdict: 'retry', code: 'job-gone' })
  })
  test('that cannot be asked after now is still the same job', async () => {
    for (const answer of [{ status: 503 }, { status: 429 }, { status: 401 }, 'reset', 'refused'] as const) {
      const { told } = await following([lead('ana')], answer)
      assert.equal(told.get('ana')!.job, 'job-1')
      assert.notEqual(told.get('ana')!.verdict, 'rejected')
    }
  })
  test('in a state that nobody has heard of is waited for', async () => {
    for (const answer of [state('processing'), { status: 200, body: 'surprise' }]) {
      const { told } = await following([lead('ana')], answer)
      assert.deepEqual(told.get('ana'), { verdict: 'pending', job: 'job-1', waitMs: 60_000 })
    }
  })
  test('of many that fails as a whole stops the destination, and one of few is taken apart', async () => {
    const many = await following(
      Array.from({ length: 21 }, (_, n) => lead(`p${n}`)),
      state('failed', { requested_count: 21, errored_count: 21 }),
    )
    for (const { verdict, code, job } of many.told.values())
      assert.deepEqual({ verdict, code, job }, { verdict: 'misconfigured', code: 'job-failed', job: undefined })
    const few = await following([lead('ana'), lead('eva')], state('failed', { requested_count: 2, errored_count: 2 }))
    assert.deepEqual(contactsPut(few as never), [1, 1])
    assert.notEqual(few.told.get('ana')!.job, few.told.get('eva')!.job)
  })
  test('of which others are asked after elsewhere judges nobody by its counts', async () => {
    const { told, requests } = await following(
      [lead('ana')],
      state('errored', { requested_count: 9, errored_count: 1 }),
    )
    assert.equal(told.get('ana')!.verdict, 'pending')
    assert.equal(requests.at(-1)!.method, 'PUT')
  })
  test('that ran into the limit of the plan stops the destination with that code', async () => {
    const ends = await open('shop-full').write(parcelsFor([lead('ana'), lead('eva')]))
    for (const { verdict, code } of ends.values()) assert.deepEqual([verdict, code], ['misconfigured', 'contact-limit'])
  })
  test('asks for a file of errors at the storage only', async () => {
    for (const errors_url of [
      'https://evil.example/errors.csv',
      'http://files.s3.amazonaws.com/errors.csv',
      'https://files.s3.amazonaws.com.evil.example/e.csv',
      'https://user@files.s3.amazonaws.com/e.csv',
      'no address',
    ]) {
      const { told, requests } = await following(
        [lead('ana')],
        state('errored', { requested_count: 1, errored_count: 1, errors_url }),
      )
      assert.equal(requests.length, 1)
      assert.equal(told.get('ana')!.verdict, 'rejected')
    }
  })
  test('whose halves are refused has them written again like any others', async () => {
    const opened = open()
    const refusal = { status: 400, body: { errors: [{ message: 'invalid request', field: null }] } }
    opened.play(({ method }) =>
      method === 'PUT' ? refusal : state('errored', { requested_count: 2, errored_count: 1 }),
    )
    const parcels = parcelsFor([lead('ana'), lead('eva')])
    const told = await opened.send({ call: 'contacts', job: 'job-1', parcels })
    for (const judgement of told.values()) assert.deepEqual(judgement, { verdict: 'retry', code: 'half-refused' })
  })
})

suite('the engine with SendGrid', () => {
  let dynamo: Dynamo
  before(async () => {
    dynamo = await startDynamo()
  })
  after(() => dynamo.stop())

  test('sends a receipt once and at once, and settles the event when the job of its contact is done', async () => {
    const rig = await createRig({ connector: sendgrid, simulator }, dynamo)
    await rig.accept([order('ana')])
    await rig.run()
    assert.deepEqual(
      rig.vendor.received.map(({ kind }) => kind),
      ['mail', 'contact'],
    )
    assert.equal((await rig.waiting()).length, 1)
    rig.advance(2 * 60_000)
    await rig.run()
    assert.deepEqual(await rig.waiting(), [])
    assert.equal(rig.vendor.received.length, 2)
  })
  test('takes who leaves off its list without the consent that everything else requires', async () => {
    const settings: Settings = {
      ...simulator.settings,
      mails: { farewell: { template: TEMPLATES.receipt, kind: 'transactional' } },
      optOuts: { unsubscribe: 'global', farewell: 'global', stay: false },
    }
    const leaving = sendgrid.leaving!(settings)
    assert.deepEqual(leaving, ['unsubscribe'], 'a mail of farewell is a mail like any other')
    const wants = sendgrid.wants(settings)
    const destination = { settings, wants, requires: ['marketing' as const], leaving }
    const rig = await createRig({ connector: sendgrid, simulator, destination }, dynamo)
    const consent = { marketing: false }
    const gone = ['unsubscribe', 'farewell', 'generate_lead'].map(name => ({ ...lead(name), name, consent }))
    const [share] = distribute(gone, new Set(), rig.tenant)
    assert.deepEqual(
      share?.take.map(({ name }) => name),
      ['unsubscribe'],
    )
    await rig.accept(gone)
    await rig.run()
    assert.deepEqual(
      rig.vendor.received.map(({ kind, key }) => [kind, key]),
      [['suppression', 'unsubscribe@example.com']],
    )
    assert.deepEqual(await rig.waiting(), [])
  })
  test('holds mails whose answer was lost, and writes their contacts again', async () => {
    const rig = await createRig({ connector: sendgrid, simulator }, dynamo)
    const handle = rig.vendor.handle.bind(rig.vendor)
    rig.vendor.handle = async request => {
      const answer = await handle(request)
      return request.url.endsWith('/mail/send') ? 'reset' : answer
    }
    await rig.accept([order('ana')])
    await rig.run()
    rig.advance(2 * 60_000)
    await rig.run()
    assert.deepEqual(
      (await rig.letters()).map(({ death }) => death.reason),
      ['outcome-unknown'],
    )
    assert.equal(rig.vendor.received.filter(({ kind }) => kind === 'mail').length, 1)
  })
  test('leaves one contact, however often it is delivered', async () => {
    const rig = await createRig({ connector: sendgrid, simulator }, dynamo)
    for (let n = 0; n < 2; n++) {
      await rig.accept([lead(`ana-${n}`, { user: { email: 'ana@example.com' } })])
      await rig.run()
      rig.advance(2 * 60_000)
      await rig.run()
    }
    assert.deepEqual(await rig.waiting(), [])
    assert.equal(rig.vendor.received.length, 1)
  })
})
