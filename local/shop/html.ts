/** Markup that is ready: what goes into it by `html` is escaped, unless it is markup itself. */
export type Html = { readonly markup: string }
type Part = Html | string | number | undefined | false | readonly Html[]

export const html = (texts: TemplateStringsArray, ...parts: readonly Part[]): Html => ({
  markup: texts.reduce((all, text, index) => all + markupOf(parts[index - 1]) + text),
})

function markupOf(part: Part): string {
  if (part === undefined || part === false) return ''
  if (typeof part === 'string' || typeof part === 'number') return escaped(String(part))
  return 'markup' in part ? part.markup : part.map(({ markup }) => markup).join('')
}

const ENTITIES: { readonly [char: string]: string } = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}
const escaped = (text: string) => text.replace(/[&<>"']/g, char => ENTITIES[char] ?? char)

/** Data for the page's scripts, which nothing in it can end early. */
export const data = (value: unknown): Html => ({ markup: JSON.stringify(value).replace(/</g, '\\u003c') })
