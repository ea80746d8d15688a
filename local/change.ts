import type { AttributeValue } from '@aws-sdk/client-dynamodb'

/** DynamoDB attributes as they cross the wire, except that `B` holds the bytes themselves. */
export type Attributes = { readonly [name: string]: AttributeValue }

/** One item put, changed or removed: what streams carry and what the journal reads the life of every event from. */
export type TableChange = {
  /** Physical name. */
  table: string
  kind: 'INSERT' | 'MODIFY' | 'REMOVE'
  /** Removed because its time to live had passed, not by a call. */
  ttl: boolean
  keys: Attributes
  old?: Attributes
  new?: Attributes
}

/** A mail as a subscriber of a topic gets it. `at` is epoch milliseconds. */
export type Mail = { at: number; to: readonly string[]; subject: string; text: string }

/** Where the local stack tells what happens in it. */
export type Sink = {
  change(change: TableChange): void
  /** One line that a function wrote. */
  line(functionName: string, text: string): void
  mail(mail: Mail): void
}
