import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import type { Settings } from '../connectors/sendgrid/settings.ts'
import simulator from '../connectors/sendgrid/simulator.ts'
import { GROUP, type lead, OTHER_GROUP, order, TEMPLATES } from '../connectors/sendgrid/simulator-people.ts'
import { webhook } from '../connectors/sendgrid/webhook.ts'
import { webhooks } from '../connectors/webhooks.ts'
import { open, parcelsFor } from './tools/sendgrid.ts'

// Published with SendGrid's own library, packages/eventwebhook of https://github.com/sendgrid/sendgrid-nodejs
const KEY =
  'MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE83T4O/n84iotIvIW4mdBgQ/7dAfSmpqIM8kF9mN1flpVKS3GRqe62gw+2fNNRaINXvVpiglSI8eNEc6wEA3F+g=='
const OTHER_KEY =
  'MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEqTxd43gyp8IOEto2LdIfjRQrIbsd4SXZkLW6jDutdhXSJCWHw8REntlo7aNDthvj+y7GjUuFDb/R1NGe1OPzpA=='
const SIGNATURE = 'MEUCIGHQVtGj+Y3LkG9fLcxf3qfI10QysgDWmMOVmxG0u6ZUAiEAyBiXDWzM+uOe5W0JuG+luQAbPIqHh89M15TluLtEZtM='
const TIMESTAMP = '1600112502'
const BODY =
  '[{"email":"hello@world.com","event":"dropped","reason":"Bounced Address","sg_event_id":"ZHJvcC0xMDk5NDkxOS1MUnpYbF9OSFN0T0doUTRrb2ZTbV9BLTA","sg_message_id":"LRzXl_NHStOGhQ4kofSm_A.filterdrecv-p3mdw1-756b745b58-kmzbl-18-5F5FC76C-9.0","smtp-id":"<LRzXl_NHStOGhQ4kofSm_A@ismtpd0039p1iad1.sendgrid.net>","timestamp":1600112492}]\r\n'

const HOUR = 3_600_000
const SENT = Number(TIMESTAMP) * 1000
type Changed = { raw?: string; signature?: string; timestamp?: string; key?: string; now?: number }
const accepted = ({ raw = BODY, signature = SIGNATURE, timestamp = TIMESTAMP, key = KEY, now = SENT }: Changed) =>
  webhook.verify(
    {
      raw: Buffer.from(raw),
      query: {},
      headers: {
        'x-twilio-email-event-webhook-signature': signature,
        'x-twilio-email-event-webhook-timestamp': timestamp,
      },
    },
    { publicKey: key },
    now,
  )

suite('the signature of a call', () => {
  test('is what SendGrid’s own example has', () => assert.ok(accepted({})))
  const changes: [title: string, changed: Changed][] = [
    ['without the last line end', { raw: BODY.trimEnd() }],
    ['with another body', { raw: BODY.replace('dropped', 'Dropped') }],
    ['with another time', { timestamp: '1600112503' }],
    ['of another key', { key: OTHER_KEY }],
    ['that is none', { signature: 'c2lnbmF0dXJl' }],
    ['that is empty', { signature: '' }],
    ['without a time', { timestamp: '' }],
    ['with a time that is no number', { timestamp: `${TIMESTAMP} ` }],
    ['checked with what is no key', { key: 'surprise' }],
    ['checked without a key', { key: '' }],
    ['repeated after more than a day', { now: SENT + 25 * HOUR }],
    ['from the future', { now: SENT - 2 * HOUR }],
  ]
  for (const [title, changed] of changes) test(`${title} is refused`, () => assert.equal(accepted(changed), false))
  test('that SendGrid repeats for a day is taken', () => assert.ok(accepted({ now: SENT + 24 * HOUR })))
})

const templates = (...groups: (number | undefined)[]): Settings => ({
  mails: Object.fromEntries(
    groups.map((group, n) => [`event_${n}`, { template: TEMPLATES.cart, ...(group && { group }) }]),
  ),
})
const told = (event: object | object[], settings: Settings = simulator.settings) =>
  webhook.read([event].flat(), settings)
const ours = (event: string, more: object = {}) => ({
  email: 'ana@example.com',
  timestamp: 1_795_176_000,
  event,
  sg_message_id: 'msg1.filter-1-2-0',
  connect_event: 'ana',
  ...more,
})
const AT = 1_795_176_000_000

suite('what SendGrid tells', () => {
  test('moves our mail forward, and names the event that it was sent for', () => {
    const stages = ['processed', 'deferred', 'delivered', 'open', 'click'].map(name => told(ours(name))[0])
    assert.deepEqual(stages[0], {
      kind: 'status',
      message: 'msg1/ana',
      at: AT,
      status: 'processed',
      stage: 1,
      record: { eventId: 'ana', name: 'mail#0' },
    })
    assert.deepEqual(
      stages.map(update => update?.kind === 'status' && update.stage),
      [1, 2, 3, 4, 5],
    )
  })
  test('of a mail that will not arrive is the end of it, with what it says', () => {
    const [bounce] = told(ours('bounce', { type: 'blocked', status: '5.7.1', reason: 'mailbox full' }))
    assert.partialDeepStrictEqual(bounce, {
      failed: true,
      stage: 9,
      code: 'bounce blocked 5.7.1',
      words: 'mailbox full',
    })
    const [late] = told(ours('bounce', { sg_message_id: undefined, type: 'bounce' }))
    assert.partialDeepStrictEqual(late, { failed: true, message: '/ana' })
  })
  test('of mail that is not ours is passed over', () => {
    assert.deepEqual(told(ours('delivered', { connect_event: undefined })), [])
  })
  test('of who leaves everything or reports spam opts the person out', () => {
    for (const event of [
      ours('unsubscribe'),
      ours('spamreport', { connect_event: undefined }),
      ours('dropped', { connect_event: undefined, reason: 'Unsubscribed Address' }),
      ours('dropped', { connect_event: undefined, reason: 'Spam Reporting Address', asm_group_id: OTHER_GROUP }),
    ])
      assert.deepEqual(told({ ...event, email: ' Ana@Example.com' }), [
        { kind: 'opt-out', person: { emails: ['ana@example.com'] }, at: AT },
      ])
  })
  test('of mail that it dropped fails the mail, and opts out only who has left or reported spam', () => {
    const reasons: readonly [reason: string, kinds: readonly string[]][] = [
      ['Unsubscribed Address', ['status', 'opt-out']],
      ['Spam Reporting Address', ['status', 'opt-out']],
      ['Bounced Address', ['status']],
      ['Invalid', ['status']],
      ['Spam Content', ['status']],
      ['Recipient List over Package Quota', ['status']],
    ]
    for (const [reason, kinds] of reasons) {
      const updates = told(ours('dropped', { reason }))
      assert.deepEqual(
        updates.map(({ kind }) => kind),
        kinds,
        reason,
      )
      assert.partialDeepStrictEqual(updates[0], { failed: true, status: 'dropped', code: 'dropped', words: reason })
    }
  })
  test('of who leaves a group counts only where all our mails belong to it', () => {
    const event = (name: string, group: unknown) => ours(name, { asm_group_id: group })
    const kinds = (name: string, group: unknown, settings: Settings) =>
      told(event(name, group), settings).map(({ kind }) => kind)
    const all = templates(GROUP, GROUP)
    assert.deepEqual(kinds('group_unsubscribe', GROUP, all), ['opt-out'])
    assert.deepEqual(kinds('group_unsubscribe', String(GROUP), all), ['opt-out'])
    assert.deepEqual(kinds('group_resubscribe', GROUP, all), ['opt-in'])
    for (const [group, settings] of [
      [OTHER_GROUP, all],
      [GROUP, templates(GROUP, OTHER_GROUP)],
      [GROUP, templates(GROUP, undefined)],
      [GROUP, {}],
      [undefined, templates(undefined)],
    ] as const)
      for (const name of ['group_unsubscribe', 'group_resubscribe']) assert.deepEqual(kinds(name, group, settings), [])
    const dropped = ours('dropped', { connect_event: undefined, reason: 'Unsubscribed Address', asm_group_id: GROUP })
    assert.deepEqual(told(dropped, templates(GROUP, OTHER_GROUP)), [])
  })
  test('of the account is a notice', () => {
    assert.deepEqual(told({ event: 'account_status_change', type: 'compliance_suspend' }), [
      { kind: 'notice', code: 'account_status_change', words: 'compliance_suspend' },
    ])
  })
  test('in a shape that nobody knows is nothing', () => {
    for (const body of [
      null,
      'text',
      7,
      {},
      [null, 7, 'x', {}, { event: 7 }, { event: 'constructor', connect_event: 'a' }],
    ])
      assert.deepEqual(webhook.read(body, {}), [])
    assert.deepEqual(told({ event: 'unsubscribe', timestamp: 'soon', email: 7 }), [])
  })
})

suite('the fake', () => {
  const marketing: Settings = {
    ...simulator.settings,
    mails: { purchase: { template: TEMPLATES.cart, group: GROUP } },
  }
  test('calls back with what becomes of each mail, signed so that we know it', async () => {
    const { vendor, send, clock } = open()
    const parcels = parcelsFor([order('ana'), order('eva')]).filter(({ draft }) => draft.call === 'mail')
    await send({ call: 'mail', parcels })
    const [hook, ...more] = vendor.takeHooks!()
    assert.deepEqual(more, [])
    assert.equal(webhooks.sendgrid, webhook)
    const call = { raw: Buffer.from(hook!.body), headers: hook!.headers, query: {} }
    const secrets = simulator.webhookSecrets!({}, 'demo')
    assert.deepEqual(Object.keys(secrets), Object.keys(webhook.secrets))
    assert.ok(webhook.verify(call, secrets, clock.now()))
    assert.ok(!webhook.verify(call, simulator.webhookSecrets!({}, 'other'), clock.now()))
    assert.deepEqual(
      webhook
        .read(JSON.parse(hook!.body), {})
        .map(update => update.kind === 'status' && [update.message, update.status]),
      [
        ['msg1/ana', 'processed'],
        ['msg1/ana', 'delivered'],
        ['msg1/eva', 'processed'],
        ['msg1/eva', 'delivered'],
      ],
    )
  })
  test('drops mail to who has left, and says so', async () => {
    const { vendor, send, handle } = open()
    const parcels = (event: ReturnType<typeof lead>) =>
      parcelsFor([event], marketing).filter(({ draft }) => draft.call === 'mail')
    await handle(`/v3/asm/groups/${GROUP}/suppressions`, { recipient_emails: ['ana@example.com'] })
    await handle(`/v3/asm/groups/${OTHER_GROUP}/suppressions`, { recipient_emails: ['eva@example.com'] })
    await handle('/v3/asm/groups/99/suppressions', { recipient_emails: ['rui@example.com'] }) // no such group: from everything
    const fates: string[] = []
    const leaves: boolean[] = []
    for (const id of ['ana', 'eva', 'rui']) {
      await send({ call: 'mail', parcels: parcels(order(id)) }, marketing)
      const [hook] = vendor.takeHooks!()
      fates.push(JSON.parse(hook!.body).at(-1).event)
      leaves.push(webhook.read(JSON.parse(hook!.body), marketing).some(({ kind }) => kind === 'opt-out'))
    }
    assert.deepEqual(fates, ['dropped', 'delivered', 'dropped'])
    assert.deepEqual(leaves, [true, false, true])
  })
})
