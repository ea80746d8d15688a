import type { Complaint } from './openapi.ts'

/** Where a vendor's description is known to be wrong, or behind, and we keep to what the vendor does. */
export type Deviation = {
  connector: string
  operation: RegExp
  at: RegExp
  rule: Complaint['rule']
  words: RegExp
  why: string
  source?: string
}

export const deviations: readonly Deviation[] = [
  {
    connector: 'whatsapp',
    operation: /^POST .*\/messages$/,
    at: /^\/template\/components\/\d+\/index$/,
    rule: 'pattern',
    words: /\[2-6, 11-14\]/,
    why: 'the pattern of a button’s index forbids "0", which the description itself gives as the example, and means 0 to 9',
  },
  {
    connector: 'whatsapp',
    operation: /^POST .*\/messages$/,
    at: /^$/,
    rule: 'required',
    words: /'to'/,
    why: 'a person who hides the number is written to by `recipient`, which is younger than the description',
    source: 'https://developers.facebook.com/docs/whatsapp/business-scoped-user-ids',
  },
  {
    connector: 'whatsapp',
    operation: /^POST .*\/messages$/,
    at: /^$/,
    rule: 'additionalProperties',
    words: /additional properties/,
    why: 'the schema of a text forbids every property beside `type` and `text`, also the `to` that the schema it extends requires',
  },
]
