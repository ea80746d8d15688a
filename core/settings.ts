/** Flat JSON Schema (draft-07) whose properties are exactly S's keys; the compiler keeps the two together. */
export type SettingsSchema<S> = {
  readonly type: 'object'
  readonly additionalProperties: false
  readonly required: readonly (keyof S & string)[]
  readonly properties: { readonly [K in keyof S]-?: Field<NonNullable<S[K]>> }
}

/** What can be read of any field, whosever it is: the registry's connectors have settings of every type. */
type AnyField = { readonly type: string; readonly [keyword: string]: unknown }
type IsAny<T> = 0 extends 1 & T ? true : false

/** `description` is what a person reads in the README's table and in a config error. */
type Field<T> = { readonly description: string; readonly default?: T } & (IsAny<T> extends true ? AnyField : Typed<T>)
type Typed<T> = [T] extends [string]
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
        : { readonly type: 'object'; readonly [keyword: string]: unknown }
