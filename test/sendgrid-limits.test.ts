import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { virtualTime } from '../bench/tools/virtual-time.ts'
import { type Settings, sendgrid } from '../connectors/sendgrid/index.ts'
import simulator from '../connectors/sendgrid/simulator.ts'
import { lead, order } from '../connectors/sendgrid/simulator-people.ts'
import { memoryDynamo } from './tools/memory-dynamo.ts'
import { createRig } from './tools/rig.ts'
import { open } from './tools/sendgrid.ts'

const SMALL = 'demo-small'

const LATENCIES = { vendor: 150, dynamo: 4 }

/** The engine at an account of SendGrid, on a clock on which calls overlap as in life. `sent` has when requests left, by their answer's status. */
async function engineAt(account: string, settings: Settings) {
  const rig = await createRig({ connector: sendgrid, simulator, destination: { settings } }, memoryDynamo())
  rig.secrets.set('/connect/sendgrid/loja-abc/credentials', simulator.credentials(settings, account))
  const sent = new Map<number, number[]>()
  const time = virtualTime(rig, LATENCIES, async (step, perform) => {
    const at = rig.now()
    const ended = (await perform()) as { status: number }
    if (step.kind === 'vendor') sent.set(ended.status, [...(sent.get(ended.status) ?? []), at])
    return ended
  })
  return { rig, sent, run: () => time.run(rig.run()) }
}

suite('an account whose limit is lower than ours', () => {
  test('sends its mails as fast as SendGrid’s headers let it, and never meets a 429', async () => {
    const settings: Settings = { ...simulator.settings, contacts: { '*': false }, mailsPerRequest: 1 }
    const { rig, sent, run } = await engineAt(SMALL, settings)
    const start = rig.now()
    await rig.accept(Array.from({ length: 100 }, (_, n) => order(`p${n}`)))
    for (let runs = 0; runs < 20 && (await rig.waiting()).length; runs++) await run()
    assert.deepEqual(await rig.waiting(), [])
    assert.deepEqual([...sent.keys()], [202])
    assert.equal(sent.get(202)!.length, 100)
    const seconds = (rig.now() - start) / 1000
    assert.ok(seconds > 40 && seconds < 100, `${seconds} s, where 20 in 10 s make 50`)
  })
  test('writes contacts and asks after their jobs by one window, and never meets a 429', async () => {
    const { rig, sent, run } = await engineAt(SMALL, simulator.settings)
    const start = rig.now()
    for (let n = 0; n < 50; n++) {
      await rig.accept([lead(`p${n}`)])
      await run()
    }
    const written = rig.now() - start
    for (let runs = 0; runs < 20 && (await rig.waiting()).length; runs++) {
      rig.advance(60_000)
      await run()
    }
    assert.deepEqual(await rig.waiting(), [])
    assert.deepEqual([...sent.keys()].sort(), [200, 202])
    assert.ok(written > 60_000, `50 requests in ${written} ms, where 30 a minute are let through`)
  })
})

suite('what SendGrid leaves of a window', () => {
  const date = 'Fri, 20 Nov 2026 12:00:00 GMT'
  const reset = String(Date.parse(date) / 1000 + 9)
  const left = (headers: { [name: string]: string }, status = 202) =>
    sendgrid.explain({ status, headers, body: '' }, { call: 'mail', settings: {}, records: [] }).left

  test('is read from successes and refusals alike, by the answer’s own clock', () => {
    for (const status of [200, 202, 400, 429])
      assert.deepEqual(left({ date, 'x-ratelimit-remaining': '7', 'x-ratelimit-reset': reset }, status), {
        requests: 7,
        ms: 10_000,
      })
  })
  test('is nothing where a header is missing or strange', () => {
    for (const headers of [
      { date, 'x-ratelimit-reset': reset },
      { date, 'x-ratelimit-remaining': '7' },
      { date, 'x-ratelimit-remaining': 'some', 'x-ratelimit-reset': reset },
      { date, 'x-ratelimit-remaining': '-1', 'x-ratelimit-reset': reset },
      { 'x-ratelimit-remaining': '7', 'x-ratelimit-reset': reset },
    ])
      assert.equal(left(headers as { [name: string]: string }), undefined, JSON.stringify(headers))
  })
  test('is told by the fake with each answer', async () => {
    const { handle, clock } = open(SMALL)
    for (const [n, remaining] of ['29', '28', '27'].entries()) {
      const answer = await handle('/v3/asm/suppressions/global', { recipient_emails: [`p${n}@example.com`] })
      assert.ok(typeof answer !== 'string')
      assert.equal(answer.headers?.['X-RateLimit-Remaining'], remaining)
      assert.equal(answer.headers?.['X-RateLimit-Reset'], String(clock.at / 1000 + 60))
    }
  })
})
