import { createECDH, createHash, createPrivateKey, createPublicKey, sign } from 'node:crypto'
import type { Hook } from '../../core/simulator.ts'

/** Every account of the fake has a key of its own, made of its name, so that any process knows it. */
function keyOf(account: string) {
  const curve = createECDH('prime256v1')
  curve.setPrivateKey(createHash('sha256').update(`sendgrid of ${account}`).digest())
  const point = curve.getPublicKey()
  const [x, y] = [point.subarray(1, 33), point.subarray(33)].map(part => part.toString('base64url'))
  const d = curve.getPrivateKey('base64url').padStart(43, 'A')
  return createPrivateKey({ key: { kty: 'EC', crv: 'P-256', x: x!, y: y!, d }, format: 'jwk' })
}

/** What the account's page shows as verification key. */
export const publicKeyOf = (account: string): string =>
  createPublicKey(keyOf(account)).export({ format: 'der', type: 'spki' }).toString('base64')

/** A call as SendGrid makes it: events as a list, a line's end behind it, signed with the time. */
export function hookOf(account: string, events: readonly object[], at: number): Hook {
  const timestamp = String(Math.floor(at / 1000))
  const body = `${JSON.stringify(events)}\r\n`
  const signature = sign('sha256', Buffer.from(timestamp + body), keyOf(account)).toString('base64')
  return {
    account,
    body,
    headers: {
      'content-type': 'application/json',
      'x-twilio-email-event-webhook-signature': signature,
      'x-twilio-email-event-webhook-timestamp': timestamp,
    },
  }
}
