import assert from 'node:assert/strict'
import { evaluate } from '../../local/evaluate.ts'
import type { Inputs } from './engine.ts'
import { tenantsOf } from './tenants.ts'

type Resource = { readonly type: string; readonly name: string; readonly inputs: Inputs }
export type Declared<R extends Resource = Resource> = { readonly registrations: readonly R[] }

/** What a stack declares for RD Station, by way of Pulumi's mocks: cheaper than the engine, without options such as `protect`. */
export async function declaredBy(stack: string): Promise<Declared> {
  const { resources } = await evaluate({ stack, config: tenantsOf(stack, ['rdstation']) })
  return { registrations: resources }
}

export const of = <R extends Resource>({ registrations }: Declared<R>, type: string): readonly R[] =>
  registrations.filter(registration => registration.type === type)

export function one<R extends Resource>(declared: Declared<R>, type: string): R {
  const [first, ...others] = of(declared, type)
  assert.ok(first && !others.length, `there should be one ${type}`)
  return first
}

/** `at(inputs, 'target', 'retryPolicy')`: undefined where there is nothing. */
export const at = (value: unknown, ...path: (string | number)[]): unknown =>
  path.reduce<unknown>((inner, key) => (inner as Record<string | number, unknown> | undefined)?.[key], value)

export const FUNCTION = 'aws:lambda/function:Function'
export const TABLE = 'aws:dynamodb/table:Table'
export const SCHEDULE = 'aws:scheduler/schedule:Schedule'
export const MAPPING = 'aws:lambda/eventSourceMapping:EventSourceMapping'
export const BUCKET = 'aws:s3/bucket:Bucket'
export const SECRET = 'aws:secretsmanager/secret:Secret'
export const ACL = 'aws:wafv2/webAcl:WebAcl'
export const DISTRIBUTION = 'aws:cloudfront/distribution:Distribution'
