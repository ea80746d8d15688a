import type { Event } from '../event.ts'

/** The first thing that is wrong, in ajv's words: https://ajv.js.org/api.html#validation-errors */
export type SchemaError = {
  /** JSON pointer into the canonical event. */
  instancePath: string
  keyword: string
  params: { readonly [name: string]: unknown }
  message?: string
}
declare const validate: {
  (event: unknown): event is Event
  errors?: SchemaError[] | null
}
export default validate
