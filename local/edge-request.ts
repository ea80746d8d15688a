/** A request as the edge has it, before anything of ours has seen it. */
export type EdgeRequest = {
  address: string
  country: string
  method: string
  path: string
  query: string
  /** Names in lower case. */
  headers: { readonly [name: string]: string }
  body: Buffer
}
