/**
 * What crosses between a template and the page is copied, and only plain values cross: elements, instances of classes and
 * promises become undefined. https://developers.google.com/tag-platform/tag-manager/templates/sandboxed-javascript
 */
export function copyAcross(value: unknown, seen: readonly unknown[] = []): unknown {
  if (typeof value === 'function')
    return (...given: unknown[]) => copyAcross(value(...given.map(each => copyAcross(each))))
  if (typeof value !== 'object' || value === null) return typeof value === 'symbol' ? undefined : value
  if (seen.includes(value)) return undefined
  const path = [...seen, value]
  if (Array.isArray(value)) return value.map(each => copyAcross(each, path))
  const prototype = Object.getPrototypeOf(value)
  // Of another realm is as good: what matters is that there is no class behind it.
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) return undefined
  if (Object.prototype.toString.call(value) !== '[object Object]') return undefined
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, copyAcross(each, path)]))
}
