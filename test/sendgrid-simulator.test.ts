import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { SENDER, TEMPLATES } from '../connectors/sendgrid/simulator-people.ts'
import { bodyOf, open, status } from './tools/sendgrid.ts'

suite('the fake refuses what SendGrid refuses', () => {
  const mail = {
    from: SENDER,
    template_id: TEMPLATES.receipt,
    personalizations: [{ to: [{ email: 'ana@example.com' }] }],
  }
  const to = (...personalizations: unknown[]) => ({ ...mail, personalizations })
  const put = { method: 'PUT' } as const
  const ana = { email: 'ana@example.com' }
  const [send, contacts] = ['/v3/mail/send', '/v3/marketing/contacts']
  const refused: [title: string, path: string, body: unknown, want: number, more?: object][] = [
    ['a wrong key', send, mail, 401, { headers: { authorization: 'Bearer SG.demo' } }],
    ['a key without Bearer', send, mail, 401, { headers: { authorization: 'SG.demo.1' } }],
    ['another content type', send, mail, 415, { headers: { 'content-type': 'text/plain' } }],
    ['an answer in another form', send, mail, 406, { headers: { accept: 'text/html' } }],
    ['another method', send, mail, 405, put],
    ['an unknown path', '/v3/contactdb/recipients', mail, 404],
    ['what is no JSON', send, '{', 400],
    ['an unknown field', send, { ...mail, surprise: 1 }, 400],
    ['mail of nobody', send, { ...mail, from: undefined }, 400],
    ['mail to nobody', send, to(), 400],
    ['mail without an address', send, to({ to: [{ name: 'Ana' }] }), 400],
    ['more than 1,000 mails', send, to(...Array.from({ length: 1001 }, () => mail.personalizations[0])), 400],
    ['one address twice in a mail', send, to({ to: [ana, ana] }), 400],
    ['custom arguments that are no texts', send, to({ to: [ana], custom_args: { n: 1 } }), 400],
    ['custom arguments over 10,000 bytes', send, to({ to: [ana], custom_args: { n: 'x'.repeat(10_000) } }), 400],
    ['eleven categories', send, { ...mail, categories: Array.from({ length: 11 }, (_, n) => `c${n}`) }, 400],
    ['a sandbox that is a text', send, { ...mail, mail_settings: { sandbox_mode: { enable: 'true' } } }, 400],
    ['a message over 30 MB', send, to({ to: [ana], dynamic_template_data: { x: 'x'.repeat(30_000_000) } }), 413],
    ['no contacts', contacts, { contacts: [] }, 400, put],
    ['more than 30,000 contacts', contacts, { contacts: Array.from({ length: 30_001 }, () => ana) }, 400, put],
    ['contacts over 6 MB', contacts, { contacts: [{ ...ana, city: 'x'.repeat(6_000_000) }] }, 413, put],
    ['a contact without an identifier', contacts, { contacts: [{ city: 'Recife' }] }, 400, put],
    ['a contact with an unknown field', contacts, { contacts: [{ ...ana, nickname: 'a' }] }, 400, put],
    ['a number where a text belongs', contacts, { contacts: [{ ...ana, custom_fields: { e1_T: 1 } }] }, 400, put],
    ['an unknown list', contacts, { list_ids: ['x'], contacts: [ana] }, 404, put],
    ['a job that it never had', `${contacts}/imports/job-9`, '', 404, { method: 'GET' }],
    ['suppressions of nobody', '/v3/asm/suppressions/global', {}, 400],
  ]
  for (const [title, path, body, want, more] of refused)
    test(title, async () => {
      const { handle, vendor } = open()
      assert.equal(status(await handle(path, body, more)), want)
      assert.deepEqual(vendor.received, [])
    })
  test('a revoked key, until there is a new one', async () => {
    const { handle, vendor } = open()
    assert.equal(status(await handle(send, mail)), 202)
    vendor.expireTokens()
    assert.equal(status(await handle(send, mail)), 401)
    assert.equal(status(await handle(send, mail, { headers: { authorization: 'Bearer SG.demo.2' } })), 202)
  })
  test('everything while it plays an outage, and nothing afterwards', async () => {
    const { handle, vendor } = open()
    const played = { down: 503, throttled: 429, refused: 'refused', hang: 'hang', up: 202 } as const
    for (const [mode, want] of Object.entries(played)) {
      vendor.mode = mode as keyof typeof played
      assert.equal(status(await handle(send, mail)), want)
    }
  })
  test('a job of another account', async () => {
    const { handle } = open()
    await handle(contacts, { contacts: [ana] }, put)
    const ask = { method: 'GET', headers: { authorization: 'Bearer SG.other.1' } } as const
    assert.equal(status(await handle(`${contacts}/imports/job-1`, '', ask)), 404)
  })
  test('more than 90 requests for contacts in any minute', async () => {
    const { vendor, handle, clock } = open()
    const contacts = { contacts: [{ email: 'ana@example.com' }] }
    const put = () => handle('/v3/marketing/contacts', contacts, { method: 'PUT' })
    for (let n = 0; n < 90; n++) assert.equal(status(await put()), 202)
    clock.at += 59_999
    assert.equal(status(await put()), 429)
    clock.at += 1
    assert.equal(status(await put()), 202)
    vendor.mode = 'throttled'
    assert.deepEqual(bodyOf(await put()), { errors: [{ field: null, message: 'too many requests' }] })
  })
})
