/** What the fake says instead of doing something: `{errors: [{message, field, help}]}`. */
export type Fault = { status: number; body: { errors: readonly object[] } }

export const fault = (status: number, message: string, field: string | null = null): Fault => ({
  status,
  body: { errors: [{ message, field, help: null }] },
})

export const isObject = (value: unknown): value is { readonly [name: string]: unknown } =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export const isEmail = (value: unknown): boolean =>
  typeof value === 'string' && value.length <= 254 && /^[^\s@]{1,64}@[^\s@.]+(\.[^\s@.]+)+$/.test(value)
