import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import fc from 'fast-check'
import { hookOf, statusOf } from '../connectors/whatsapp/simulator-hooks.ts'
import { lead, NEVER_ARRIVES, NUMBER_ID, PHONES, STOPPED } from '../connectors/whatsapp/simulator-people.ts'
import type { Hook } from '../core/simulator.ts'
import { createOperate } from '../functions/operate.ts'
import type { OperateEvent } from '../functions/world.ts'
import { type Hooking, startHooking } from './tools/hooking.ts'
import { deathAt } from './tools/hooks.ts'

let hooking: Hooking
beforeEach(async () => {
  hooking = await startHooking()
})
afterEach(() => hooking.stop())

const AT = Date.parse('2026-03-02T12:00:00.000Z')
const SECOND = 1000
const ANA = '551199990001' // as WhatsApp has +5511999990001
const status = (id: string, what: string, note?: string, more: object = {}) => statusOf(id, what, ANA, note, AT, more)
const tells = (value: object, about?: string) => hookOf('demo', NUMBER_ID, value, about)
const preference = (value: 'stop' | 'resume', at: number) =>
  tells(
    { user_preferences: [{ wa_id: ANA, category: 'marketing_messages', value, timestamp: String(at / SECOND) }] },
    'user_preferences',
  )
const hear = async (...hooks: Hook[]) => {
  for (const hook of hooks) assert.equal((await hooking.post(hook)).statusCode, 200)
  assert.equal(await hooking.workOff(), 0)
}
const metrics = () => {
  const sums: { [name: string]: number } = {}
  for (const line of hooking.rig.lines.filter(line => '_aws' in line))
    for (const [name, value] of Object.entries(line))
      if (/^(message[A-Z]|inbound|opt(Outs|Ins)|notices)/.test(name)) sums[name] = (sums[name] ?? 0) + Number(value)
  return sums
}
const deliver = async (...events: ReturnType<typeof lead>[]) => {
  await hooking.rig.accept(events)
  await hooking.rig.run()
  return hooking.rig.vendor.received.length
}
const letter = async () => (await hooking.rig.database.items(hooking.rig.tables.letters))[0]?.status?.S

test('a message moves forward only, in whatever order and however often it is told', async () => {
  const stages = ['sent', 'delivered', 'read']
  let n = 0
  await fc.assert(
    fc.asyncProperty(fc.array(fc.constantFrom(...stages), { minLength: 1, maxLength: 6 }), async told => {
      const id = `wamid.${++n}`
      await hear(tells({ statuses: told.map(what => status(id, what)) }), tells({ statuses: [status(id, told[0]!)] }))
      const furthest = Math.max(...told.map(what => stages.indexOf(what)))
      const rows = await hooking.state('message')
      assert.equal(rows.filter(row => row.status === stages[furthest]).length > 0, true)
      assert.equal(rows.length, n)
    }),
    { numRuns: 15 },
  )
  const reached = (await hooking.state('message')).map(row => [row.stage, row.status])
  for (const [stage, what] of reached) assert.equal(stages[Number(stage) - 1], what)
})

test('each news is counted once, and a failure with its code is the end of a message', async () => {
  const failed = status('wamid.1', 'failed', 'e1', { errors: [{ code: 131026, title: 'Message undeliverable' }] })
  await hear(
    tells({ statuses: [status('wamid.1', 'sent', 'e1'), failed] }),
    tells({ statuses: [failed, status('wamid.1', 'delivered', 'e1')] }),
  )
  const [row] = await hooking.state('message')
  assert.deepEqual([row?.status, row?.code], ['failed', '131026'])
  assert.equal(metrics().messageFailed, 1)
  const told = hooking.rig.lines.filter(({ message }) => message === 'not delivered')
  assert.deepEqual(
    told.map(({ id, code }) => [id, code]),
    [['e1', '131026']],
  )
})

const failed = (id: string, note: string, code: number, title = 'No') =>
  status(`wamid.${id}`, 'failed', note, { errors: [{ code, title }] })
const order = (what: object) =>
  createOperate(hooking.rig.world, 'whatsapp')({ tenant: 'loja-abc', by: 'test', ...what } as OperateEvent)

test('what the vendor took and could not deliver is a dead letter without its event, and one mail with the codes', async () => {
  await deliver(lead('ana'), lead('bia'), lead('eva'), lead('iva'))
  const told = [failed('a', 'ana', 131026, `No such number: +${ANA}`), failed('b', 'bia', 131049)]
  await hear(tells({ statuses: [...told, failed('c', 'eva', 131026)] }))
  await hear(tells({ statuses: told })) // once more, in other company
  await hooking.rig.tick()
  const letters = await hooking.rig.letters()
  assert.deepEqual(
    letters.map(({ id, death, item }) => [id, death.reason, death.code, death.at, item.status?.S, item.event]),
    [
      ['ana', 'undelivered', '131026', AT, 'dead', undefined],
      ['bia', 'undelivered', '131049', AT, 'dead', undefined],
      ['eva', 'undelivered', '131026', AT, 'dead', undefined],
    ],
  )
  const [mail, ...more] = hooking.rig.mails
  assert.deepEqual(more, [])
  assert.match(mail?.subject ?? '', /loja-abc\/whatsapp: 3 events accepted, then not delivered/)
  assert.match(mail?.text ?? '', /Codes: +131026 2, 131049 1\n/)
  assert.ok(!JSON.stringify([hooking.rig.mails, letters]).includes(ANA))
})

test('a message that the vendor plays as failing is delivered until its failure is heard, and dead from then on', async () => {
  assert.equal(await deliver(lead('ana', { user: { phone: NEVER_ARRIVES } })), 1)
  assert.equal(await letter(), undefined)
  await hear(...hooking.rig.vendor.takeHooks!())
  assert.deepEqual(
    (await hooking.rig.letters()).map(({ id, death }) => [id, death.reason, death.words]),
    [['ana', 'undelivered', 'Message undeliverable']],
  )
})

test('such a letter is listed and dropped; a redrive says that nothing is left to send', async () => {
  await deliver(lead('ana'))
  await hear(tells({ statuses: [failed('a', 'ana', 131053)] }))
  assert.partialDeepStrictEqual(await order({ do: 'letters' }), {
    letters: [{ id: 'ana', status: 'dead', reason: 'undelivered', code: '131053' }],
  })
  for (const chosen of [{}, { ids: ['ana'] }, { code: '131053', resendUnknown: true }])
    assert.partialDeepStrictEqual(await order({ do: 'redrive', ...chosen }), { redriven: [], unkept: ['ana'] })
  assert.partialDeepStrictEqual(await order({ do: 'drop', ids: ['ana'] }), { dropped: ['ana'] })
  assert.equal(hooking.rig.vendor.received.length, 1)
})

test('an event that was redriven and taken is dead once more if its message fails', async () => {
  hooking.rig.vendor.mode = 'hang'
  await deliver(lead('ana'))
  hooking.rig.vendor.mode = 'up'
  await order({ do: 'redrive', resendUnknown: true })
  await hooking.rig.run()
  assert.equal(await letter(), 'redriven')
  await hear(tells({ statuses: [failed('a', 'ana', 131049)] }))
  assert.equal(await letter(), 'dead')
  const [{ item } = assert.fail()] = await hooking.rig.letters()
  assert.deepEqual(
    item.history?.L?.map(({ S }) => JSON.parse(S ?? '').reason),
    ['outcome-unknown', 'undelivered'],
  )
})

test('a failure that is told before its run has settled takes no event away from who has to decide', async () => {
  hooking.rig.setHook(async (step, perform) => {
    if (step.kind !== 'vendor') return perform()
    hooking.rig.vendor.mode = 'hang'
    const ended = await perform()
    await hear(tells({ statuses: [failed('a', 'ana', 131026)] }))
    return ended
  })
  await deliver(lead('ana'))
  const [{ death, item } = assert.fail(), ...more] = await hooking.rig.letters()
  assert.deepEqual([death.reason, JSON.parse(item.event?.S ?? '').id, more], ['outcome-unknown', 'ana', []])
})

test('a thousand updates of one call are worked off, though it lies in the inbox in parts', async () => {
  const pad = (n: number) => Array.from({ length: 60 }, (_, i) => Math.sin(n * 60 + i)).join()
  await hear(
    tells({
      statuses: Array.from({ length: 1000 }, (_, n) => status(`wamid.${n}`, 'sent', undefined, { pad: pad(n) })),
    }),
  )
  const items = await hooking.rig.database.items(hooking.inboxTable)
  assert.ok(items.length > 1)
  assert.equal((await hooking.state('message')).length, 1000)
})

test('a person who stops is not written to any more, and who resumes is again', async () => {
  assert.equal(await deliver(lead('ana')), 1)
  await hear(preference('stop', AT))
  assert.equal(await deliver(lead('a2', { user: { phone: PHONES.ana! } })), 1)
  assert.equal(await deliver(lead('bia')), 2)
  await hear(preference('resume', AT + SECOND))
  assert.equal(await deliver(lead('a3', { user: { phone: PHONES.ana! } })), 3)
})

test('an old choice that is told again does not undo a later one', async () => {
  await hear(preference('stop', AT))
  await hear(preference('resume', AT + SECOND)) // and the inbox reads the first one again
  assert.deepEqual(await hooking.suppressed(), [])
  await hear(preference('stop', AT + 2 * SECOND))
  assert.equal((await hooking.suppressed()).length, 2, 'both spellings of the number')
})

test('an opt-out at one vendor is kept as a salted hash and counts there alone', async () => {
  await hear(preference('stop', AT))
  for (const key of await hooking.suppressed()) assert.match(key, /^[\w-]{43}@whatsapp$/)
})

test('who writes one of the stop words opts out, who writes anything else opens 24 hours', async () => {
  const wrote = (id: string, body: string) =>
    tells({ messages: [{ id, from: ANA, timestamp: String(AT / SECOND), type: 'text', text: { body } }] })
  await hear(wrote('wamid.A', 'Oi, quero parar de pagar caro'))
  assert.deepEqual(await hooking.suppressed(), [])
  for (const row of await hooking.state('person')) assert.equal(row.lastInboundAt, AT)
  await hear(wrote('wamid.B', ' Parar! '))
  assert.equal((await hooking.suppressed()).length, 2)
  assert.deepEqual([metrics().inbound, metrics().optOuts], [2, 1])
})

const texting = () =>
  hooking.rig.declare({
    settings: {
      phoneNumberId: NUMBER_ID,
      templates: {
        generate_lead: { name: 'welcome', body: { 1: 'user.firstName' }, text: { body: 'Oi, {user.firstName}!' } },
      },
    },
  })
const DAY = 86_400_000
const ofAna = (id: string) => lead(id, { user: { phone: PHONES.ana!, firstName: 'Ana' } })
const kinds = () => hooking.rig.vendor.received.map(({ kind }) => kind)
const anaWrites = async () => {
  hooking.rig.vendor.write!({ account: 'demo', to: NUMBER_ID, from: PHONES.ana!, text: 'Oi' })
  await hear(...hooking.rig.vendor.takeHooks!())
}

test('who has written gets texts until shortly before the 24 hours are over, then templates until writing again', async () => {
  await texting()
  await anaWrites()
  await deliver(ofAna('a1'))
  await deliver(lead('bia'))
  hooking.rig.advance(DAY - 4 * 60_000)
  await deliver(ofAna('a2'))
  await anaWrites()
  await deliver(ofAna('a3'))
  assert.deepEqual(kinds(), ['text', 'welcome', 'welcome', 'text'])
})

test('who hides the number is known by the id: what is written opens texts, and a stop word ends all messages', async () => {
  await texting()
  const HIDDEN = 'BR.1349201'
  const ofHidden = (id: string) => lead(id, { user: { firstName: 'Ana' }, properties: { whatsapp_user_id: HIDDEN } })
  const writes = async (text: string) => {
    hooking.rig.vendor.write!({ account: 'demo', to: NUMBER_ID, from: HIDDEN, text })
    await hear(...hooking.rig.vendor.takeHooks!())
  }
  await deliver(ofHidden('h1'))
  await writes('Oi')
  await deliver(ofHidden('h2'))
  hooking.rig.advance(SECOND)
  await writes('Parar')
  await deliver(ofHidden('h3'))
  assert.deepEqual(kinds(), ['welcome', 'text'])
  const kept = JSON.stringify([await hooking.suppressed(), await hooking.state('person')])
  assert.ok(!kept.includes(HIDDEN))
})

test('a text that had to wait is not sent once its 24 hours are over: the template goes', async () => {
  await texting()
  await anaWrites()
  hooking.rig.vendor.mode = 'throttled'
  await deliver(ofAna('a1'))
  hooking.rig.vendor.mode = 'up'
  hooking.rig.advance(DAY)
  await hooking.rig.run()
  assert.deepEqual(kinds(), ['welcome'])
})

test('when people last wrote is read for a hundred of them at once, and not at all where no text could be sent', async () => {
  const reads: number[] = []
  hooking.rig.setHook((step, perform) => {
    const asked = (step.input as { RequestItems?: { [table: string]: { Keys?: unknown[] } } })?.RequestItems
    const keys = asked?.[hooking.rig.tables.state]?.Keys
    if (step.name === 'BatchGetItemCommand' && keys) reads.push(keys.length)
    return perform()
  })
  const to = (n: number, id = `e${n}`) => lead(id, { user: { phone: `+55119888${10_000 + n}` } })
  await deliver(to(0, 'before'))
  assert.deepEqual(reads, [])
  await texting()
  hooking.rig.advance(DAY) // what functions remember of settings is older than a minute
  hooking.rig.vendor.mode = 'throttled'
  await deliver(...Array.from({ length: 101 }, (_, n) => to(n)), to(0, 'again'))
  assert.deepEqual(reads, [100, 1])
})

/** Ana wrote, as we have heard, but WhatsApp itself knows nothing of it. */
const onlyWeHeardAna = () => {
  const timestamp = String(hooking.rig.now() / SECOND)
  return hear(tells({ messages: [{ id: 'wamid.A', from: ANA, timestamp, type: 'text', text: { body: 'Oi' } }] }))
}

test('a text that the vendor refuses for its 24 hours is followed by the template, once', async () => {
  await texting()
  await onlyWeHeardAna()
  let calls = 0
  hooking.rig.setHook((step, perform) => {
    if (step.kind === 'vendor') calls++
    return perform()
  })
  await deliver(ofAna('a1'))
  await hooking.rig.run()
  assert.deepEqual([kinds(), calls], [['welcome'], 2])
  assert.deepEqual([await hooking.rig.waiting(), await hooking.rig.letters()], [[], []])
})

test('a run that dies between such a text and its template leaves a question for a person, and nothing is sent twice', async () => {
  await texting()
  await onlyWeHeardAna()
  let calls = 0
  const { hook, died } = deathAt(kind => kind === 'vendor' && ++calls === 2)
  await hooking.rig.accept([ofAna('a1')])
  void hooking.rig.runWith(hook)
  await died
  hooking.rig.advance(DAY / 24)
  await hooking.rig.run()
  assert.deepEqual(
    (await hooking.rig.letters()).map(({ id, death }) => [id, death.reason]),
    [['a1', 'outcome-unknown']],
  )
  assert.deepEqual(kinds(), [])
})

test('a person whom the vendor refuses because he wants no more is remembered before his event is settled', async () => {
  assert.equal(await deliver(lead('x', { user: { phone: STOPPED } })), 0)
  assert.equal((await hooking.suppressed()).length, 1)
  await hooking.rig.run()
  await deliver(lead('y', { user: { phone: STOPPED } }))
  assert.equal((await hooking.rig.letters()).length, 1, 'the second event was not tried')
})

test('a message that nobody heard the answer to is delivered once the vendor tells of it', async () => {
  hooking.rig.vendor.mode = 'hang'
  await deliver(lead('ana'))
  assert.equal(await letter(), 'dead')
  await hear(tells({ statuses: [status('wamid.1', 'sent', 'ana')] }))
  assert.equal(await letter(), 'delivered')
  hooking.rig.vendor.mode = 'up'
  await order({ do: 'redrive', resendUnknown: true })
  await hooking.rig.run()
  assert.equal(hooking.rig.vendor.received.length, 0, 'and never sent again')
})

test('a message that failed does not settle what was held: a person decides', async () => {
  hooking.rig.vendor.mode = 'hang'
  await deliver(lead('ana'))
  await hear(tells({ statuses: [failed('1', 'ana', 131049)] }))
  await hear(tells({ statuses: [status('wamid.1', 'sent', 'ana')] })) // what came before it, told late
  assert.equal(await letter(), 'dead')
})

test('what the vendor tells while its answer is still awaited is believed: no letter is written', async () => {
  hooking.rig.setHook(async (step, perform) => {
    if (step.kind !== 'vendor') return perform()
    hooking.rig.vendor.mode = 'hang'
    const ended = await perform()
    await hear(tells({ statuses: [status('wamid.1', 'sent', 'ana')] }))
    return ended
  })
  await deliver(lead('ana'))
  assert.deepEqual(await hooking.rig.letters(), [])
  assert.deepEqual(await hooking.rig.waiting(), [])
})

test('what is told of another number of the app, of nobody, or in no shape we know changes nothing', async () => {
  await hear(
    hookOf('demo', '999999', { statuses: [status('wamid.1', 'sent')] }),
    tells({
      statuses: [null, 7, { id: 1 }, { id: 'x', status: 'constructor' }],
      messages: [{}, { id: 'x', from: 'me' }],
    }),
    tells({ something: 'else' }, 'surprise'),
  )
  assert.deepEqual([await hooking.state('message'), await hooking.state('person')], [[], []])
})

test('what the vendor says of a template is told to whoever reads the log', async () => {
  await hear(
    tells(
      { event: 'PAUSED', message_template_name: 'welcome', reason: 'LOW_QUALITY' },
      'message_template_status_update',
    ),
  )
  const [line] = hooking.rig.lines.filter(({ message }) => message === 'the vendor tells')
  assert.deepEqual([line?.code, line?.words], ['message_template_status_update PAUSED', 'welcome, LOW_QUALITY'])
})

test('a record that cannot be worked off is reported, and comes again to the same end', async () => {
  const statuses = [status('wamid.1', 'sent', 'ana'), status('wamid.2', 'read', 'bia'), failed('3', 'eva', 131026)]
  await hooking.post(tells({ statuses }))
  for (let fault = 0; ; fault++) {
    let calls = 0
    hooking.rig.setHook((step, perform) =>
      step.kind === 'dynamo' && calls++ === fault ? Promise.reject(new Error('down')) : perform(),
    )
    const failures = await hooking.workOff()
    if (calls <= fault) break // there is no further call that could fail
    assert.equal(failures, 1, `call ${fault}`)
  }
  const rows = await hooking.state('message')
  assert.deepEqual(rows.map(row => row.status).sort(), ['failed', 'read', 'sent'])
  assert.deepEqual(
    (await hooking.rig.letters()).map(({ id }) => id),
    ['eva'],
  )
  hooking.rig.setHook(undefined)
  await hooking.rig.tick()
  assert.equal(hooking.rig.mails.length, 1)
})

test('nothing in the state or the log names a person', async () => {
  await hear(
    preference('stop', AT),
    tells({ messages: [{ id: `wamid.${ANA}`, from: ANA, timestamp: '1', type: 'text', text: { body: 'Oi' } }] }),
  )
  const state = JSON.stringify(await hooking.rig.database.items(hooking.rig.tables.state))
  const log = JSON.stringify(hooking.rig.lines)
  for (const text of [state, log]) assert.ok(!text.includes(ANA))
})
