/**
 * Takes personal data and secrets out of text that leaves the program (logs, mails, letters' words): e-mail addresses,
 * phone numbers, CPF and CNPJ numbers, bearer tokens, keys in URLs. Ids and codes stay readable.
 */
export function mask(text: string): string {
  if (PLAIN.test(text) && !LONG_NUMBER.test(text)) return text
  return text
    .replace(/[\p{L}\p{N}._%+-]+@[\p{L}\p{N}.-]+\.\p{L}{2,}/gu, '<email>')
    .replace(/\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{8,}/gi, '$1 <secret>')
    .replace(
      /([?&"'\s](?:api_?key|access_token|refresh_token|client_secret|token|password|secret)["']?\s*[=:]\s*["']?)[^&\s"',}]+/gi,
      '$1<secret>',
    )
    .replace(/\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)?/g, '<secret>')
    .replace(/(?<![\w-])\d{2}\.\d{3}\.\d{3}\/\d{4}-\d{2}(?![\w-])/g, '<cnpj>')
    .replace(/(?<![\w-])\d{3}\.\d{3}\.\d{3}-\d{2}(?![\w-])/g, '<cpf>')
    .replace(/(?<![\w.-])\+\d[\d ()-]{7,}\d(?![\w-])/g, '<phone>')
    .replace(/(?<![\w.:-])\d{10,14}(?![\w:-])/g, digits => (plausibleTime(digits) ? digits : '<number>'))
}

// Ids and codes, which most of what is logged is, cannot hold anything of the above: no need to look nine times.
const PLAIN = /^[\w:#/-]*$/
const LONG_NUMBER = /\d{10}/

// Epoch milliseconds of 2001-2065 have 13 digits and begin with 1 or 2; a phone with country code 1 or 2 loses out.
const plausibleTime = (digits: string) => digits.length === 13 && /^[12]/.test(digits)

const PERSONAL =
  /^(email|phone|phone_number|mobile_phone|first_?name|last_?name|user|user_data|address|cpf|cnpj|authorization|.*token|.*secret|password|api_?key)$/i

/** The same for a value that is about to be written as JSON: masks by key as well as by content. */
export function maskValue(value: unknown, key = ''): unknown {
  if (typeof value === 'string') return PERSONAL.test(key) && value ? '<masked>' : mask(value)
  if (Array.isArray(value)) return value.map(entry => maskValue(entry))
  if (value && typeof value === 'object')
    return PERSONAL.test(key)
      ? '<masked>'
      : Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, maskValue(inner, name)]))
  return value
}
