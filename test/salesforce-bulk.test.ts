import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, before, suite, test } from 'node:test'
import fc from 'fast-check'
import { readCsv, writeCsv } from '../connectors/salesforce/csv.ts'
import { salesforce } from '../connectors/salesforce/index.ts'
import simulator from '../connectors/salesforce/simulator.ts'
import type { Event } from '../core/connector.ts'
import { type Dynamo, startDynamo } from './tools/dynamo.ts'
import { memoryDynamo } from './tools/memory-dynamo.ts'
import { createRig, START } from './tools/rig.ts'
import { base, keysOf, lead, open, overhear, parcelsFor, requestsOf, SECOND, verdicts } from './tools/salesforce.ts'

const JOB_MS = 60 * SECOND
const bad = { email: 'bad(at)example' }
const paths = (requests: readonly { method: string; url: string }[]) =>
  requests.map(({ method, url }) => `${method} ${new URL(url).pathname.replace(/^.*\/jobs\/ingest/, '')}`)

/** A job with these leads in it that Salesforce has had the time for. */
async function finished(events: readonly Event[]) {
  const org = await open()
  const parcels = parcelsFor(events)
  const told = await org.send(parcels, { call: 'bulk' })
  const { job } = told.get(parcels[0]!.id)!
  assert.ok(job)
  org.clock.at += JOB_MS
  org.requests.length = 0
  return { ...org, parcels, job }
}

suite('a bulk job', () => {
  test('is opened, filled, closed, and asked after until it is done', async () => {
    const org = await open()
    const parcels = parcelsFor([lead('ana'), lead('eva')])
    const told = await org.send(parcels, { call: 'bulk' })
    assert.deepEqual(verdicts(told), { ana: 'pending', eva: 'pending' })
    const { job } = told.get('ana')!
    for (const state of ['UploadComplete', 'InProgress']) {
      org.clock.at += 10 * SECOND
      assert.deepEqual(
        verdicts(await org.send(parcels, { call: 'bulk', job: job! })),
        { ana: 'pending', eva: 'pending' },
        state,
      )
    }
    assert.deepEqual(org.vendor.received, [])
    org.clock.at += 10 * SECOND
    assert.deepEqual(verdicts(await org.send(parcels, { call: 'bulk', job: job! })), {
      ana: 'delivered',
      eva: 'delivered',
    })
    assert.deepEqual(keysOf(org.vendor.received), ['ana', 'eva'])
    assert.deepEqual(paths(org.requests), [
      'POST ',
      `PUT /${job}/batches`,
      `PATCH /${job}`,
      ...Array(3).fill(`GET /${job}`), // nothing failed: the lists of results need not be read
    ])
  })
  test('tells each record its own fate, for any set of bad ones, in whatever order they are asked for', async () => {
    const people = fc.uniqueArray(fc.record({ n: fc.nat(500), good: fc.boolean() }), {
      selector: ({ n }) => n,
      minLength: 1,
      maxLength: 30,
    })
    await fc.assert(
      fc.asyncProperty(people, fc.nat(29), async (some, cut) => {
        const { send, parcels, job, vendor } = await finished(some.map(({ n, good }) => lead(`p${n}`, good ? {} : bad)))
        const wanted = Object.fromEntries(some.map(({ n, good }) => [`p${n}`, good ? 'delivered' : 'rejected']))
        const halves = [parcels.slice(cut).reverse(), parcels.slice(0, cut)].filter(half => half.length)
        const told = await Promise.all(halves.map(half => send(half, { call: 'bulk', job })))
        assert.deepEqual(Object.assign({}, ...told.map(verdicts)), wanted)
        assert.deepEqual(
          keysOf(vendor.received),
          some.filter(({ good }) => good).map(({ n }) => `p${n}`),
        )
      }),
      { numRuns: 40 },
    )
  })
  test('says why a record failed, without what it holds', async () => {
    const { send, parcels, job } = await finished([lead('ana'), lead('eva', { email: 'bad(at)example' })])
    assert.deepEqual((await send(parcels, { call: 'bulk', job })).get('eva'), {
      verdict: 'rejected',
      code: 'INVALID_EMAIL_ADDRESS',
      words: 'Email: invalid email address: <value>:Email --',
    })
  })
  test('leaves the same records as collections would, numbers, flags, quotes and line ends included', async () => {
    const events: Event[] = [
      {
        ...lead('ana', { lastName: 'Silva, "Ana"' }),
        consent: { marketing: true },
        properties: { message: 'one\ntwo, three' },
      },
      { ...lead('eva'), properties: { message: ' spaces ' } },
    ]
    const settings = { ...base, mapping: { lead: { '*': { Score__c: { value: 1.5 }, City: { value: null } } } } }
    const [one, other] = [await open(), await open()]
    await one.send(parcelsFor(events, settings), { call: 'upsert', settings })
    const { job } = (await other.send(parcelsFor(events, settings), { call: 'bulk', settings })).get('ana')!
    other.clock.at += JOB_MS
    await other.send(parcelsFor(events, settings), { call: 'bulk', job: job!, settings })
    assert.equal(one.vendor.received.length, 2)
    assert.deepEqual(
      other.vendor.received.map(({ data }) => data),
      one.vendor.received.map(({ data }) => data),
    )
  })
  test('that was not closed is closed when it is asked after', async () => {
    const org = await open()
    const parcels = parcelsFor([lead('ana')])
    org.play(({ method }) => (method === 'PATCH' ? 'hang' : undefined))
    const { job } = (await org.send(parcels, { call: 'bulk' })).get('ana')!
    org.play(() => undefined)
    org.clock.at += JOB_MS
    assert.deepEqual(verdicts(await org.send(parcels, { call: 'bulk', job: job! })), { ana: 'pending' })
    org.clock.at += JOB_MS
    assert.deepEqual(verdicts(await org.send(parcels, { call: 'bulk', job: job! })), { ana: 'delivered' })
  })
  test('is known to its records before it is closed: who dies then leaves a job that can be followed', async () => {
    const org = await open()
    const told: string[] = []
    org.play(({ method }) => {
      if (method === 'PATCH') told.push(...org.told().keys())
      return undefined
    })
    await org.send(parcelsFor([lead('ana'), lead('eva')]), { call: 'bulk' })
    assert.deepEqual(told, ['ana', 'eva'])
  })
  test('that failed and has no results is sent anew', async () => {
    const { send, parcels, job, play } = await finished([lead('ana')])
    play(({ url }) =>
      /Results$/.test(url)
        ? { status: 404, body: [{ errorCode: 'NOT_FOUND', message: '' }] }
        : { status: 200, body: { state: 'Failed', errorMessage: 'InternalServerError : ana@example.com' } },
    )
    assert.deepEqual((await send(parcels, { call: 'bulk', job })).get('ana'), {
      verdict: 'retry',
      code: 'job-failed',
      words: 'InternalServerError : <value>',
    })
  })
  test('whose data did not arrive is aborted, and its records are sent anew', async () => {
    const org = await open()
    org.play(({ method }) => (method === 'PUT' ? { status: 500, body: '' } : undefined))
    const told = await org.send(parcelsFor([lead('ana')]), { call: 'bulk' })
    assert.partialDeepStrictEqual(told.get('ana'), { verdict: 'retry', code: 'http-500' })
    assert.equal(told.get('ana')!.job, undefined)
    assert.deepEqual(JSON.parse(org.requests.at(-1)!.body!), { state: 'Aborted' })
  })
  test('that cannot be opened is no fault of its records, and of an outage neither', async () => {
    const answers = [
      [{ status: 400, body: [{ errorCode: 'INVALIDJOB', message: 'no such field' }] }, 'misconfigured'],
      [{ status: 403, body: [{ errorCode: 'REQUEST_LIMIT_EXCEEDED', message: '' }] }, 'throttled'],
      [{ status: 500, body: '<html></html>' }, 'retry'],
      [{ status: 200, body: '<html></html>' }, 'retry'],
      ['reset', 'retry'],
    ] as const
    for (const [answer, verdict] of answers) {
      const org = await open()
      org.play(() => answer)
      assert.deepEqual(verdicts(await org.send(parcelsFor([lead('ana'), lead('eva')]), { call: 'bulk' })), {
        ana: verdict,
        eva: verdict,
      })
      assert.equal(org.requests.length, 1)
    }
  })
  test('that somebody deleted is done anew', async () => {
    const { send, parcels, job, play } = await finished([lead('ana')])
    play(() => ({ status: 404, body: [{ errorCode: 'NOT_FOUND', message: '' }] }))
    assert.deepEqual((await send(parcels, { call: 'bulk', job })).get('ana'), { verdict: 'retry', code: 'job-gone' })
  })
  test('that somebody aborted has done what its results say, and the rest goes anew', async () => {
    const { send, parcels, job, play } = await finished([lead('ana'), lead('eva'), lead('rui')])
    play(({ url }) => {
      if (url.endsWith('/failedResults'))
        return { status: 200, body: '"sf__Id","sf__Error",Web_Lead_Id__c\n"","UNABLE_TO_LOCK_ROW:locked:--",eva\n' }
      if (url.endsWith('/successfulResults'))
        return { status: 200, body: '"sf__Id","sf__Created",Web_Lead_Id__c\r\n"00Q1","true",ANA\r\n' }
      return { status: 200, body: { state: 'Aborted', numberRecordsFailed: 1, numberRecordsProcessed: 2 } }
    })
    const told = await send(parcels, { call: 'bulk', job })
    assert.deepEqual(verdicts(told), { ana: 'delivered', eva: 'retry', rui: 'retry' })
    assert.deepEqual([told.get('eva')!.code, told.get('rui')!.code], ['UNABLE_TO_LOCK_ROW', 'job-aborted'])
    assert.ok([...told.values()].every(({ job: kept }) => kept === undefined))
  })
  test('with a column that the org does not have stops the destination', async () => {
    const settings = { ...base, mapping: { lead: { '*': { Unheard_Of__c: { value: 1 } } } } }
    const org = await open()
    const parcels = parcelsFor([lead('ana')], settings)
    const { job } = (await org.send(parcels, { call: 'bulk', settings })).get('ana')!
    org.clock.at += JOB_MS
    assert.deepEqual((await org.send(parcels, { call: 'bulk', job: job!, settings })).get('ana'), {
      verdict: 'misconfigured',
      code: 'InvalidBatch',
      words: 'InvalidBatch : Field name not found : Unheard_Of__c',
    })
  })
  test('is still there when asking after it fails, at whichever request', async () => {
    for (const what of [/\/750\d+$/, /failedResults$/, /successfulResults$/]) {
      const { send, parcels, job, play } = await finished([lead('ana'), lead('eva', bad)])
      play(({ url }) => (what.test(url) ? { status: 502, body: '<html></html>' } : undefined))
      for (const judgement of (await send(parcels, { call: 'bulk', job })).values())
        assert.partialDeepStrictEqual(judgement, { verdict: 'retry', code: 'http-502', job })
      play(() => undefined)
      assert.deepEqual(verdicts(await send(parcels, { call: 'bulk', job })), { ana: 'delivered', eva: 'rejected' })
    }
  })
  test('whose results cannot be had is asked again, and kills nothing', async () => {
    const { send, parcels, job, play } = await finished([lead('ana'), lead('eva', bad)])
    play(({ url }) =>
      /Results$/.test(url) ? { status: 400, body: [{ errorCode: 'API_ERROR', message: '' }] } : undefined,
    )
    for (const judgement of (await send(parcels, { call: 'bulk', job })).values())
      assert.deepEqual(judgement, { verdict: 'retry', code: 'no-results', job })
  })
})

suite('CSV', () => {
  test('leaves a field alone where the cell is empty, and clears it where it says so', () => {
    assert.equal(writeCsv(['a', 'b', 'c'], [[undefined, null, '#N/A']]), 'a,b,c\n,#N/A,\n')
  })
  test('quotes what would be read as something else', () => {
    assert.equal(
      writeCsv(['a'], [['x,y'], ['say "hi"'], ['one\ntwo'], [' x'], [1.5], [true]]),
      'a\n"x,y"\n"say ""hi"""\n"one\ntwo"\n" x"\n1.5\ntrue\n',
    )
  })
  test('is read with either line end, with quotes or without, and a last line that does not end', () => {
    const rows = [
      { a: '1', b: 'x"y,\nz' },
      { a: '', b: '2' },
    ]
    assert.deepEqual(readCsv('a,"b"\r\n1,"x""y,\nz"\r\n,2\r\n'), rows)
    assert.deepEqual(readCsv('a,b\n"1","x""y,\nz"\n"",2'), rows)
    assert.deepEqual(readCsv(''), [])
  })
  test('brings back whatever was written', () => {
    const cell = fc.string({ unit: 'grapheme' }).filter(text => text !== '#N/A')
    fc.assert(
      fc.property(fc.array(fc.tuple(cell, cell)), rows => {
        const wanted = rows.map(([a, b]) => ({ a, b }))
        assert.deepEqual(readCsv(writeCsv(['a', 'b'], rows)), wanted)
      }),
    )
  })
  test('of any length is read in one go', () => {
    const rows = Array.from({ length: 10_000 }, (_, n) => [String(n), 'x'.repeat(200)])
    assert.equal(readCsv(writeCsv(['a', 'b'], rows)).length, 10_000)
  })
})

suite('a backlog', () => {
  let dynamo: Dynamo
  before(async () => {
    dynamo = await startDynamo()
  })
  after(() => dynamo.stop())
  const leads = (count: number, user: (n: number) => Event['user'] = () => ({})) =>
    Array.from({ length: count }, (_, n) => ({ ...lead(`l${n}`, user(n)), at: new Date(START + n).toISOString() }))

  test('goes as a job, waits for it over runs at no attempt of its own, and ends record by record', async () => {
    const rig = await createRig({ connector: salesforce, simulator }, dynamo)
    await rig.acceptAll(requestsOf(leads(2_050, n => (n % 500 === 7 ? bad : {}))))
    await rig.run()
    assert.deepEqual(rig.vendor.received, [])
    const waiting = await rig.waiting()
    assert.equal(waiting.length, 2_050)
    assert.ok(waiting.every(({ attempts, jobs }) => attempts === 0 && jobs))
    rig.advance(2 * JOB_MS)
    await rig.run()
    assert.deepEqual(await rig.waiting(), [])
    assert.equal(rig.vendor.received.length, 2_045)
    assert.deepEqual(
      (await rig.letters()).map(({ id }) => id.split('#').at(-1)).sort(),
      ['l1007', 'l1507', 'l2007', 'l507', 'l7'].sort(),
    )
  })

  test('is counted over all shards, each of which sends its share as a job', async () => {
    const rig = await createRig({ connector: salesforce, simulator, destination: { shards: 4 } }, memoryDynamo())
    const heard = overhear(rig)
    await rig.acceptAll(requestsOf(leads(3_000)))
    await rig.run()
    rig.advance(2 * JOB_MS)
    await rig.run()
    assert.deepEqual(heard, { opened: Array(4).fill('Lead'), states: Array(4).fill('UploadComplete'), collections: 0 })
    assert.equal(rig.vendor.received.length, 3_000)
    assert.deepEqual(await rig.waiting(), [])
  })

  test('of 20,000 is read as a whole and fills two jobs', async () => {
    const rig = await createRig({ connector: salesforce, simulator }, memoryDynamo())
    const heard = overhear(rig)
    const text = (n: number) => createHash('sha512').update(String(n)).digest('base64') // fills more than one page
    await rig.acceptAll(requestsOf(leads(20_000).map((event, n) => ({ ...event, properties: { text: text(n) } }))))
    await rig.run()
    assert.deepEqual(heard, { opened: ['Lead', 'Lead'], states: Array(2).fill('UploadComplete'), collections: 0 })
    assert.equal((await rig.waiting()).filter(({ jobs }) => jobs).length, 20_000)
  })

  test('of purchases sends the orders once, and their items when the orders are there', async () => {
    const rig = await createRig({ connector: salesforce, simulator }, memoryDynamo())
    const heard = overhear(rig)
    const item = { id: 'SKU-1', name: 'Shoe', price: 10, quantity: 1 }
    const purchases = leads(2_050).map(
      (event, n): Event => ({
        ...event,
        name: 'purchase',
        commerce: { transactionId: `T-${n}`, currency: 'BRL', value: 10, items: [item] },
      }),
    )
    await rig.acceptAll(requestsOf(purchases))
    for (let n = 0; n < 5; n++) {
      await rig.run()
      rig.advance(2 * JOB_MS)
    }
    assert.deepEqual(await rig.waiting(), [])
    assert.equal(rig.vendor.received.length, 4_100)
    assert.deepEqual([heard.opened, heard.collections], [['Web_Order__c', 'Web_Order_Item__c'], 0])
  })

  test('that ends before 2,000 goes by collections', async () => {
    const rig = await createRig({ connector: salesforce, simulator }, dynamo)
    await rig.acceptAll(requestsOf(leads(450)))
    await rig.run()
    assert.equal(rig.vendor.received.length, 450)
    assert.deepEqual(await rig.waiting(), [])
  })

  test('posted and delivered twice leaves one record of each', async () => {
    const rig = await createRig({ connector: salesforce, simulator }, dynamo)
    for (let n = 0; n < 2; n++) {
      await rig.acceptAll(requestsOf(leads(250)))
      await rig.run()
    }
    assert.equal(rig.vendor.received.length, 250)
    assert.equal(rig.vendor.tokensIssued, 1)
  })
})
