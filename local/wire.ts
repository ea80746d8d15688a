import type { AttributeValue } from '@aws-sdk/client-dynamodb'
import type { Attributes, TableChange } from './change.ts'
import type { WireChange, WireItem } from './services/dynamodb.ts'

/** On the wire bytes are base64; a client's attributes hold the bytes themselves. */
export const decodeChange = ({ keys, old, new: next, ...rest }: WireChange): TableChange => ({
  ...rest,
  keys: decodeItem(keys),
  ...(old && { old: decodeItem(old) }),
  ...(next && { new: decodeItem(next) }),
})

const decodeItem = (item: WireItem): Attributes =>
  Object.fromEntries(Object.entries(item).map(([name, value]) => [name, decode(value)]))

function decode(value: { readonly [type: string]: unknown }): AttributeValue {
  if (typeof value.B === 'string') return { B: Buffer.from(value.B, 'base64') }
  if (Array.isArray(value.BS)) return { BS: value.BS.map(each => Buffer.from(String(each), 'base64')) }
  if (Array.isArray(value.L)) return { L: value.L.map(decode) }
  if (value.M) return { M: decodeItem(value.M as WireItem) }
  return value as unknown as AttributeValue
}
