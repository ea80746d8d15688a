/**
 * The canonical event as JSON Schema (draft-07): what `core/event.ts` says in types, with the limits that types cannot
 * hold. `core/schema/generate.ts` compiles it ahead of time. Texts other than identities are cut to length before they
 * come here (core/fields.ts), so that a long title does not cost the event.
 */
export const TEXT = 1_024
export const URL = 4_096

const ref = (name: string) => ({ $ref: `#/definitions/${name}` })
const text = ref('text')
const url = ref('url')
const amount = ref('amount')
const hash = ref('hash')
const code = (maxLength: number) => ({ type: 'string', minLength: 1, maxLength })

/** Said once and referred to, which keeps the compiled code small. */
const definitions = {
  text: code(TEXT),
  url: code(URL),
  amount: { type: 'number' },
  hash: { type: 'string', pattern: '^[0-9a-f]{64}$' },
}
const object = (properties: object, required: readonly string[] = []) => ({
  type: 'object',
  additionalProperties: false,
  required,
  properties,
})

const user = object({
  id: code(256),
  // Addresses longer than 254 characters cannot be delivered to: RFC 5321 4.5.3.1.3 with its erratum 1690.
  email: {
    type: 'string',
    maxLength: 254,
    pattern: '^[^\\s@<>()",;:\\\\]+@[^\\s@.<>()",;:\\\\]+(\\.[^\\s@.<>()",;:\\\\]+)+$',
  },
  phone: { type: 'string', pattern: '^\\+[1-9]\\d{6,14}$' },
  emailHash: hash,
  phoneHash: hash,
  firstName: text,
  lastName: text,
  company: text,
  city: text,
  state: text,
  country: text,
})

const item = object({
  id: text,
  name: text,
  brand: text,
  category: text,
  variant: text,
  price: amount,
  quantity: amount,
  url,
  image: url,
})

/** GA4 takes 200 items: https://developers.google.com/analytics/devguides/collection/ga4/reference/events */
const items = { type: 'array', maxItems: 200, items: item }

export const eventSchema = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  definitions,
  ...object(
    {
      id: { type: 'string', pattern: '^[A-Za-z0-9._:-]{1,128}$' },
      name: { type: 'string', pattern: '^\\p{L}[\\p{L}\\p{N}_.:-]{0,99}$' },
      at: { type: 'string', pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z$' },
      tid: code(128),
      user,
      page: object({ url, referrer: url, title: text }),
      campaign: object({
        source: text,
        medium: text,
        name: text,
        term: text,
        content: text,
        gclid: text,
        fbclid: text,
      }),
      commerce: object({
        transactionId: code(256),
        currency: { type: 'string', pattern: '^[A-Z]{3}$' },
        value: amount,
        tax: amount,
        shipping: amount,
        coupon: text,
        items,
      }),
      consent: object({
        analytics: { type: 'boolean' },
        marketing: { type: 'boolean' },
        userData: { type: 'boolean' },
      }),
      properties: { type: 'object' },
    },
    ['id', 'name', 'at'],
  ),
}

/** What a refusal says where "must match pattern" would help nobody: by the last part of the canonical path. */
export const REASONS: { readonly [field: string]: string } = {
  '/id': 'an id is 1 to 128 of the characters A-Z a-z 0-9 . _ : -',
  '/name': 'an event name begins with a letter and has at most 100 letters, digits, _ . : or -',
  '/at': 'not a time: ISO 8601 or a number of seconds, milliseconds or microseconds since 1970',
  '/tid': 'a tid is text of at most 128 characters',
  '/user/email': 'not an e-mail address',
  '/user/phone': 'a phone number is text or a number',
  '/user/emailHash': 'not a SHA-256 in hexadecimal or base64',
  '/user/phoneHash': 'not a SHA-256 in hexadecimal or base64',
  '/commerce/currency': 'a currency is three letters (ISO 4217)',
  '/commerce/items': 'items is a list of at most 200',
}
