import { byId, h, keyed, number, post, toast } from './dom.js'

const MODES = { up: 'Up', down: 'Down (503)', refused: 'Refuse connections', hang: 'Hang', throttled: 'Throttle (429)' }

export function showVendors(vendors) {
  keyed(byId('vendor-list'), vendors, ({ connector }) => connector, vendor)
}

function vendor({ connector, title, mode, received, tokensIssued }) {
  return h(
    'fieldset',
    { class: 'vendor', 'data-mode': mode },
    h('legend', {}, title ?? connector),
    h('p', { class: 'muted' }, `${number(received)} records taken, ${number(tokensIssued)} tokens issued`),
    h(
      'div',
      { class: 'modes' },
      Object.entries(MODES).map(([value, text]) =>
        h(
          'label',
          {},
          h('input', {
            type: 'radio',
            name: `mode-${connector}`,
            value,
            checked: value === mode,
            onchange: () => post(`/vendors/${connector}/mode`, { mode: value }),
          }),
          h('span', {}, text),
        ),
      ),
    ),
    h(
      'div',
      { class: 'actions' },
      h('button', { type: 'button', onclick: () => expire(connector, title) }, 'Expire its tokens'),
    ),
  )
}

async function expire(connector, title) {
  if (await post(`/vendors/${connector}/expire-tokens`))
    toast(`${title ?? connector}: every token handed out so far is invalid now`)
}
