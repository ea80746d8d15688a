import { createHash } from 'node:crypto'

/** What sandboxed APIs need that the language itself has not: from texts to a text. They may throw. */
export type Outside = {
  digest(text: string, encoding: string): string | undefined
  /** The parts of an address, as JSON. */
  parseUrl(text: string): string | undefined
  toBase64(text: string): string | undefined
  fromBase64(text: string): string | undefined
}

export const outside: Outside = {
  digest: (text, encoding) =>
    createHash('sha256')
      .update(text)
      .digest(encoding === 'hex' ? 'hex' : 'base64'),
  parseUrl: text => JSON.stringify(partsOf(new URL(text))),
  toBase64: text => Buffer.from(text).toString('base64'),
  fromBase64: text => Buffer.from(text, 'base64').toString(),
}

const NAMES = ['href', 'origin', 'protocol', 'username', 'password', 'host', 'hostname', 'port', 'pathname'] as const

function partsOf(url: URL): object {
  const searchParams = Object.fromEntries(
    [...url.searchParams.keys()].map(key => [key, oneOrAll(url.searchParams.getAll(key))]),
  )
  const { search, hash } = url
  return { ...Object.fromEntries(NAMES.map(name => [name, url[name]])), search, hash, searchParams }
}
const oneOrAll = (values: string[]) => (values.length === 1 ? values[0] : values)
