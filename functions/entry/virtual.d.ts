/** Resolved by the bundler (components/bundle.ts): the one connector that a bundle is for. */
declare module 'connect:connector' {
  import type { AnyConnector } from '../../core/connector.ts'

  const connector: AnyConnector
  export default connector
}
/** The browser library as served: minified text, its version (a hash) and its source map. */
declare module 'connect:tag' {
  export const source: string
  export const version: string
  export const map: string
}
