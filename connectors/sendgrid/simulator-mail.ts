import { type Fault, fault, isEmail, isObject } from './simulator-faults.ts'
import { GROUP, OTHER_GROUP, TEMPLATES } from './simulator-people.ts'

export type Mail = {
  from: object
  template_id: string
  personalizations: readonly Personalization[]
  asm?: { group_id: number }
  categories?: readonly string[]
  mail_settings?: { sandbox_mode?: { enable?: boolean } }
}
export type Personalization = { to: readonly { email: string }[]; custom_args?: { [name: string]: string } }

const FIELDS =
  'from reply_to reply_to_list personalizations template_id subject content categories asm send_at batch_id ip_pool_name attachments headers custom_args mail_settings tracking_settings'.split(
    ' ',
  )
const MOST = 1000
const MOST_CUSTOM_BYTES = 10_000

/** The first thing that mail/send would refuse: https://www.twilio.com/docs/sendgrid/api-reference/mail-send/errors */
export function mailFault(body: unknown): Fault | undefined {
  if (!isObject(body)) return fault(400, 'Bad Request')
  const strange = Object.keys(body).find(name => !FIELDS.includes(name))
  if (strange) return fault(400, `Additional property ${strange} is not allowed`)
  const sandbox = isObject(body.mail_settings) ? body.mail_settings.sandbox_mode : undefined
  if (isObject(sandbox) && typeof sandbox.enable !== 'boolean')
    return fault(400, 'The sandbox_mode enable parameter must be a boolean.', 'mail_settings.sandbox_mode.enable')
  return senderFault(body.from) ?? sharedFault(body) ?? personalizationsFault(body.personalizations)
}

function senderFault(from: unknown): Fault | undefined {
  if (!isObject(from) || !isEmail(from.email))
    return fault(400, 'The from email does not contain a valid address.', 'from.email')
  if (/@example\.com$/.test(String(from.email))) return undefined
  return fault(403, 'The from address does not match a verified Sender Identity. Mail cannot be sent.', 'from')
}

function sharedFault({ template_id: template, asm, categories }: { readonly [name: string]: unknown }) {
  if (!Object.values(TEMPLATES).includes(String(template)))
    return fault(400, 'The template_id must be a valid GUID, you provided one that is not.', 'template_id')
  if (asm !== undefined && !(isObject(asm) && [GROUP, OTHER_GROUP].includes(Number(asm.group_id))))
    return fault(400, 'The group_id does not exist.', 'asm.group_id')
  const list = Array.isArray(categories) ? categories : []
  const wrong = list.some(one => typeof one !== 'string' || one.length > 255) || new Set(list).size < list.length
  if (list.length > 10 || wrong)
    return fault(400, 'Categories are unique, 10 at most, of 255 characters.', 'categories')
  return undefined
}

function personalizationsFault(personalizations: unknown): Fault | undefined {
  if (!Array.isArray(personalizations) || personalizations.length === 0)
    return fault(400, 'The personalizations field is required and must have at least one personalization.')
  if (personalizations.length > MOST)
    return fault(400, 'There are too many personalizations, 1000 at most.', 'personalizations')
  for (const [index, one] of personalizations.entries()) {
    const found = personalizationFault(one, `personalizations.${index}`)
    if (found) return found
  }
  return undefined
}

function personalizationFault(one: unknown, at: string): Fault | undefined {
  if (!isObject(one) || !Array.isArray(one.to) || one.to.length === 0)
    return fault(400, 'The to array is required for all personalization objects.', `${at}.to`)
  const addresses = one.to.map(person => (isObject(person) ? person.email : undefined))
  const wrong = addresses.findIndex(address => !isEmail(address))
  if (wrong >= 0) return fault(400, 'Does not contain a valid address.', `${at}.to.${wrong}.email`)
  if (new Set(addresses).size < addresses.length)
    return fault(400, 'Each email address in the personalization block should be unique.', at)
  if (one.dynamic_template_data !== undefined && !isObject(one.dynamic_template_data))
    return fault(400, 'dynamic_template_data must be an object.', `${at}.dynamic_template_data`)
  return customArgsFault(one.custom_args, `${at}.custom_args`)
}

function customArgsFault(args: unknown, at: string): Fault | undefined {
  if (args === undefined) return undefined
  if (!isObject(args) || Object.values(args).some(value => typeof value !== 'string'))
    return fault(400, 'The values of custom_args must be strings.', at)
  if (Buffer.byteLength(JSON.stringify(args)) > MOST_CUSTOM_BYTES)
    return fault(400, 'The custom_args may not exceed 10,000 bytes.', at)
  return undefined
}
