import { createHmac } from 'node:crypto'
import type { Hook } from '../../core/simulator.ts'
import { waIdOf } from './simulator-windows.ts'

/** The fake signs with this, as `webhookSecrets` tells an operator. */
export const appSecretOf = (account: string) => `app-secret-of-${account}`

/** Text outside ASCII goes out, and is signed, in its escaped form. */
const escaped = (text: string) =>
  text.replace(/[^\x20-\x7e]/g, char => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)

/** A call as Meta makes it: one `value` of the field `messages` or another, signed with the app's secret. */
export function hookOf(account: string, phoneNumberId: string, value: object, about = 'messages'): Hook {
  const metadata = { display_phone_number: '15550000001', phone_number_id: phoneNumberId }
  const body = escaped(
    JSON.stringify({
      object: 'whatsapp_business_account',
      entry: [
        {
          id: '102290129340398',
          changes: [{ value: { messaging_product: 'whatsapp', metadata, ...value }, field: about }],
        },
      ],
    }),
  )
  const signature = createHmac('sha256', appSecretOf(account)).update(body).digest('hex')
  return {
    account,
    body,
    headers: { 'content-type': 'application/json', 'x-hub-signature-256': `sha256=${signature}` },
  }
}

export const statusOf = (
  id: string,
  status: string,
  recipient: string,
  note: unknown,
  at: number,
  more: object = {},
) => ({
  id,
  status,
  timestamp: String(Math.floor(at / 1000)),
  recipient_id: recipient,
  ...(typeof note === 'string' && { biz_opaque_callback_data: note }),
  ...more,
})

/** A text that a person writes to a number: a number in E.164, or the id of who hides it. */
export function inboundOf(from: string, body: string, at: number, count: number) {
  const wa = waIdOf(from)
  const hidden = !from.startsWith('+')
  const id = `wamid.${Buffer.from(`${wa} wrote ${count}`).toString('base64url')}`
  const timestamp = String(Math.floor(at / 1000))
  return {
    contacts: [{ profile: { name: 'Ana' }, ...(hidden ? { user_id: wa } : { wa_id: wa }) }],
    messages: [{ ...(hidden ? { from_user_id: wa } : { from: wa }), id, timestamp, type: 'text', text: { body } }],
  }
}
