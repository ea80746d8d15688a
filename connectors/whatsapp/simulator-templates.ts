/** What the fake says no with. */
export type Fault = { status: number; code: number; message: string; details?: string }
type Body = { readonly [field: string]: unknown }

type Approved = {
  language: string
  category: 'MARKETING' | 'UTILITY'
  status?: 'PAUSED' | 'DISABLED'
  header?: 'text' | 'image'
  /** How many, or their names. */
  body: number | readonly string[]
  /** Indexes of buttons whose address has a variable. */
  urls?: readonly string[]
  replies?: readonly string[]
}
const order = (parameters: number): Approved => ({ language: 'pt_BR', category: 'UTILITY', body: parameters })
const offer: Approved = { language: 'pt_BR', category: 'MARKETING', body: 1 }

/** The templates of the fake account. */
export const TEMPLATES: { readonly [name: string]: Approved } = {
  welcome: offer,
  cart_reminder: offer,
  order_received: order(3),
  order_paid: order(2),
  order_shipped: order(2),
  order_delivered: order(2),
  order_cancelled: order(2),
  order_refunded: order(2),
  launch: {
    language: 'en',
    category: 'MARKETING',
    header: 'image',
    body: ['first_name', 'product'],
    urls: ['0'],
    replies: ['1'],
  },
  news: { language: 'pt_BR', category: 'MARKETING', header: 'text', body: 0 },
  worn_out: { ...offer, status: 'PAUSED' },
  banned: { ...offer, status: 'DISABLED' },
}

/** What WhatsApp would refuse of a template message: https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes */
export function templateFault(template: unknown): Fault | undefined {
  if (!isObject(template) || typeof template.name !== 'string')
    return { status: 400, code: 131008, message: '(#131008) Required parameter is missing', details: 'template.name' }
  const language = isObject(template.language) ? template.language.code : undefined
  const approved = Object.hasOwn(TEMPLATES, template.name) ? TEMPLATES[template.name] : undefined
  if (!approved || approved.language !== language)
    return {
      status: 404,
      code: 132001,
      message: '(#132001) Template name does not exist in the translation',
      details: `template name (${template.name}) does not exist in ${String(language)}`,
    }
  if (approved.status === 'PAUSED') return { status: 400, code: 132015, message: '(#132015) Template is paused' }
  if (approved.status === 'DISABLED') return { status: 400, code: 132016, message: '(#132016) Template is disabled' }
  return componentsFault(approved, template.components)
}

const wrongCount = (what: string, got: number, wanted: number): Fault => ({
  status: 400,
  code: 132000,
  message: '(#132000) Number of parameters does not match the expected number of params',
  details: `${what}: number of localizable_params (${got}) does not match the expected number of params (${wanted})`,
})
const wrongFormat = (details: string): Fault => ({
  status: 400,
  code: 132012,
  message: '(#132012) Parameter format does not match format in the created template',
  details,
})

function componentsFault(approved: Approved, value: unknown): Fault | undefined {
  const components = Array.isArray(value) ? (value as unknown[]) : []
  if (value !== undefined && !Array.isArray(value)) return wrongFormat('components must be a list')
  if (!components.every(isObject)) return wrongFormat('components must be objects')
  const of = (type: string) => components.filter(one => isObject(one) && one.type === type) as Body[]
  const known = of('header').length + of('body').length + of('button').length
  if (known < components.length) return wrongFormat('component of unknown type')
  return (
    headerFault(approved, of('header')) ??
    bodyFault(approved.body, of('body')) ??
    buttonsFault('url', approved.urls ?? [], of('button')) ??
    buttonsFault('quick_reply', approved.replies ?? [], of('button'))
  )
}

function headerFault({ header }: Approved, given: readonly Body[]): Fault | undefined {
  const parameters = given.flatMap(parametersOf)
  if (parameters.length !== (header === 'image' ? 1 : 0) && header !== 'text')
    return wrongCount('header', parameters.length, header ? 1 : 0)
  const wrong = parameters.find(one => one.type !== header)
  if (wrong) return wrongFormat(`header: expected ${header}`)
  const image = parameters[0]?.image
  return header === 'image' && !(isObject(image) && /^https?:/.test(String(image.link)))
    ? wrongFormat('header: image needs a link')
    : undefined
}

function bodyFault(wanted: Approved['body'], given: readonly Body[]): Fault | undefined {
  const parameters = given.flatMap(parametersOf)
  const count = typeof wanted === 'number' ? wanted : wanted.length
  if (parameters.length !== count) return wrongCount('body', parameters.length, count)
  if (typeof wanted !== 'number' && wanted.some(name => !parameters.some(one => one.parameter_name === name)))
    return wrongFormat('body: parameter name missing')
  for (const parameter of parameters) {
    const fault = parameterFault(parameter)
    if (fault) return fault
  }
  return undefined
}

function parameterFault({ type, text, currency }: Body): Fault | undefined {
  if (type === 'text') {
    if (typeof text !== 'string' || text === '')
      return { status: 400, code: 131008, message: '(#131008) Required parameter is missing', details: 'text' }
    if (/[\n\t]| {5}/.test(text))
      return wrongFormat('Param text cannot have new-line/tab characters or more than 4 consecutive spaces')
    return [...text].length > 1024
      ? { status: 400, code: 132005, message: '(#132005) Translated text too long' }
      : undefined
  }
  if (type !== 'currency') return wrongFormat(`body: unexpected parameter ${String(type)}`)
  const right =
    isObject(currency) &&
    typeof currency.fallback_value === 'string' &&
    /^[A-Z]{3}$/.test(String(currency.code)) &&
    Number.isInteger(currency.amount_1000)
  return right ? undefined : wrongFormat('body: currency needs fallback_value, code and amount_1000')
}

function buttonsFault(kind: string, wanted: readonly string[], given: readonly Body[]): Fault | undefined {
  const some = given.filter(one => one.sub_type === kind)
  const key = kind === 'url' ? 'text' : 'payload'
  if (some.length !== wanted.length) return wrongCount(`button ${kind}`, some.length, wanted.length)
  const wrong = some.some(
    one =>
      !wanted.includes(String(one.index)) ||
      parametersOf(one).length !== 1 ||
      typeof parametersOf(one)[0]![key] !== 'string',
  )
  return wrong ? wrongFormat(`button ${kind}`) : undefined
}

const parametersOf = ({ parameters }: Body): readonly Body[] =>
  Array.isArray(parameters) ? parameters.filter(isObject) : []
export const isObject = (value: unknown): value is Body =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
