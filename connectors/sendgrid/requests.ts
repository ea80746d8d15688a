import type { Batch, HttpRequest } from '../../core/connector.ts'
import { type ContactFields, identityOf, type Personalization, type Record } from './map.ts'
import { DEFAULTS, listsOf, mailOf, optOutOf, type Settings } from './settings.ts'

type Records = Batch<Settings, Record>['records']

export const apiOf = ({ region = DEFAULTS.region }: Settings): string =>
  region === 'eu' ? 'https://api.eu.sendgrid.com' : 'https://api.sendgrid.com'

/** https://www.twilio.com/docs/sendgrid/api-reference/mail-send/mail-send */
export function mailRequest(records: Records, settings: Settings): HttpRequest {
  const { event } = records[0]!.data // one event in all of them: they share a group
  const mail = mailOf(event, settings)
  const body = {
    from: mail?.from ?? settings.from,
    ...(settings.replyTo && { reply_to: settings.replyTo }),
    template_id: mail?.template,
    personalizations: records.flatMap(({ data }): Personalization[] =>
      'personalization' in data ? [data.personalization] : [],
    ),
    categories: mail?.categories ?? [event.slice(0, 255)],
    ...(mail?.group !== undefined && { asm: { group_id: mail.group, groups_to_display: [mail.group] } }),
    ...(settings.sandbox && { mail_settings: { sandbox_mode: { enable: true } } }),
  }
  return json('POST', `${apiOf(settings)}/v3/mail/send`, body)
}

/** https://www.twilio.com/docs/sendgrid/api-reference/contacts/add-or-update-a-contact */
export function contactsRequest(records: Records, settings: Settings): HttpRequest {
  const lists = listsOf(records[0]!.data.event, settings) // the same lists in all of them: they share a group
  const contacts = merged(records).map(({ contact }) => contact)
  return json('PUT', `${apiOf(settings)}/v3/marketing/contacts`, { ...(lists.length && { list_ids: lists }), contacts })
}

/** https://www.twilio.com/docs/sendgrid/api-reference/suppressions-global-suppressions */
export function suppressionsRequest(records: Records, settings: Settings): HttpRequest {
  const list = optOutOf(records[0]!.data.event, settings) ?? 'global'
  const path = list === 'global' ? 'suppressions/global' : `groups/${list}/suppressions`
  const recipient_emails = records.flatMap(({ data }) => ('suppressed' in data ? [data.suppressed] : []))
  return json('POST', `${apiOf(settings)}/v3/asm/${path}`, { recipient_emails })
}

export const jobRequest = (job: string, settings: Settings): HttpRequest => ({
  method: 'GET',
  url: `${apiOf(settings)}/v3/marketing/contacts/imports/${encodeURIComponent(job)}`,
  headers: { accept: 'application/json' },
})

const json = (method: 'POST' | 'PUT', url: string, body: object): HttpRequest => ({
  method,
  url,
  headers: { 'content-type': 'application/json', accept: 'application/json' },
  body: JSON.stringify(body),
})

export type Merged = { contact: ContactFields; ids: readonly string[] }

/** One contact for all that several records say of it, the last of them winning. In the order in which they first appear. */
export function merged(records: Records): readonly Merged[] {
  const contacts = new Map<string, Merged>()
  for (const { id, data } of records) {
    if (!('contact' in data)) continue
    const identity = identityOf(data.contact) ?? id
    const before = contacts.get(identity)
    contacts.set(identity, {
      contact: before ? together(before.contact, data.contact) : data.contact,
      ids: [...(before?.ids ?? []), id],
    })
  }
  return [...contacts.values()]
}

function together(before: ContactFields, after: ContactFields): ContactFields {
  const custom = { ...fields(before.custom_fields), ...fields(after.custom_fields) }
  return { ...before, ...after, ...(Object.keys(custom).length > 0 && { custom_fields: custom }) }
}
const fields = (value: ContactFields[string] | undefined) => (typeof value === 'object' ? value : {})

/** What a record writes to, as it stands in the request. */
export const addressOf = ({ data }: Records[number]): string | undefined => {
  if ('personalization' in data) return data.personalization.to[0].email
  if ('suppressed' in data) return data.suppressed
  return typeof data.contact.email === 'string' ? data.contact.email : undefined
}

const EMAIL = /^[^\s@"<>(),:;\\[\]]{1,64}@[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z0-9-]{2,}$/i

/** One address that is none refuses the whole request, and many such requests get the account blocked: they are not sent at all. */
export function isSendable(record: Records[number]): boolean {
  const address = addressOf(record)
  return address === undefined || (EMAIL.test(address) && address.length <= 254)
}
