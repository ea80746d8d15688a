/** Flat JSON Schema (draft-07) whose properties are exactly S's keys; the compiler keeps the two together. */
export type SettingsSchema<S> = {
  readonly type: 'object'
  readonly additionalProperties: false
  readonly required: readonly (keyof S & string)[]
  readonly properties: { readonly [K in keyof S]-?: Field<NonNullable<S[K]>> }
}

/** `description` is what a person reads in the README's table and in a config error. */
type Field<T> = { readonly description: string; readonly default?: T } & ([T] extends [string]
  ? { readonly type: 'string'; readonly pattern?: string; readonly maxLength?: number; readonly enum?: readonly T[] }
  : [T] extends [number]
    ? { readonly type: 'integer' | 'number'; readonly minimum?: number; readonly maximum?: number }
    : [T] extends [boolean]
      ? { readonly type: 'boolean' }
      : [T] extends [readonly string[]]
        ? {
            readonly type: 'array'
            readonly items: { readonly type: 'string'; readonly pattern?: string }
            readonly minItems?: number
          }
        : { readonly type: 'object'; readonly [keyword: string]: unknown })
