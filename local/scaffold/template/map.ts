import { applyMapping, type Draft, type Event, type Json, type Skip } from '../../../core/connector.ts'
import { type Settings, wants } from './settings.ts'

/** One person as the API takes it. */
export type Person = { readonly [field: string]: Json }

export function map(event: Event, settings: Settings): readonly Draft<Person>[] | Skip {
  if (!wants(settings).includes(event.name)) return { skip: `${event.name} is not sent: see the setting events` }
  const data = personOf(event, settings)
  if (typeof data.email !== 'string') return { skip: 'no email: people are known by email' }
  return [{ call: 'people', step: 0, key: data.email, group: '', data }]
}

function personOf(event: Event, settings: Settings): Person {
  const { '*': everywhere = {}, [event.name]: here = {} } = settings.mapping ?? {}
  const { user = {}, commerce = {}, campaign = {} } = event
  const fields: { [field: string]: Json | undefined } = {
    email: user.email,
    phone: user.phone,
    first_name: user.firstName,
    last_name: user.lastName,
    last_event: event.name,
    last_event_at: event.at,
    order: commerce.transactionId,
    value: commerce.value,
    currency: commerce.currency,
    source: campaign.source,
    ...applyMapping(everywhere, event),
    ...applyMapping(here, event),
  }
  const filled = Object.entries(fields).filter((entry): entry is [string, Json] => entry[1] !== undefined)
  return Object.fromEntries(filled.filter(([, value]) => value !== ''))
}
