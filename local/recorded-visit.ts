import type { Json } from '../core/event.ts'

/**
 * A visit to a coffee shop's site, from the first page to the order, as its pages pushed it to the data layer. Shapes:
 * https://developers.google.com/analytics/devguides/collection/ga4/ecommerce and, for `user_data`,
 * https://developers.google.com/tag-platform/tag-manager/server-side/ads-setup. The `{ecommerce: null}` pushes between
 * them are left out: they carry no event, so no tag fires for them.
 */
export type Push = { readonly [key: string]: Json }
export type Step = {
  /** Path of the page that it happens on. */
  page: string
  title: string
  /** Since the step before it, in milliseconds. */
  after: number
  push: Push
}

const coffee = {
  item_id: 'CAFE-MOGIANA-500',
  item_name: 'Café em Grãos Mogiana 500 g',
  item_brand: 'Torra Serena',
  item_category: 'Cafés',
  item_category2: 'Em grãos',
  item_variant: 'Torra média',
  price: 54.9,
  quantity: 2,
}
const press = {
  item_id: 'PRENSA-600',
  item_name: 'Prensa Francesa Inox 600 ml',
  item_brand: 'Manhã',
  item_category: 'Preparo',
  item_category2: 'Prensas',
  item_variant: 'Inox',
  price: 189.9,
  quantity: 1,
}
const grinder = {
  item_id: 'MOEDOR-CERAMICA',
  item_name: 'Moedor Manual de Cerâmica',
  item_brand: 'Manhã',
  item_category: 'Preparo',
  item_category2: 'Moedores',
  price: 149.5,
  quantity: 1,
}
const cup = {
  item_id: 'XICARA-80',
  item_name: 'Xícara de Espresso 80 ml – avelã',
  item_brand: 'Barro & Cia',
  item_category: 'Louças',
  price: 38,
  quantity: 4,
}

type Line = { readonly [field: string]: string | number } & { price: number; quantity: number }
const total = (items: readonly Line[]) =>
  Math.round(items.reduce((sum, { price, quantity }) => sum + price * quantity, 0) * 100) / 100
const cart = (...items: Line[]) => ({ currency: 'BRL', value: total(items), items })
const list = (id: string, name: string, ...items: Line[]) => ({
  item_list_id: id,
  item_list_name: name,
  items: items.map((item, index) => ({ ...item, index, item_list_id: id, item_list_name: name })),
})
const promotion = {
  creative_name: 'faixa_inverno',
  creative_slot: 'home_topo',
  promotion_id: 'INVERNO26',
  promotion_name: 'Inverno com café',
  items: [coffee],
}

const ana = { email: 'Ana.Conceicao@example.com', phone_number: '+5511999990101' }
const anaWithAddress = {
  ...ana,
  address: {
    first_name: 'Ana',
    last_name: 'Conceição',
    street: 'Rua das Acácias 12',
    city: 'São Paulo',
    region: 'SP',
    postal_code: '01000-000',
    country: 'BR',
  },
}
const paid = cart(coffee, grinder)

type Scene = readonly [page: string, title: string, ...pushes: readonly (readonly [after: number, push: Push])[]]

const scenes: readonly Scene[] = [
  [
    '/?utm_source=google&utm_medium=cpc&utm_campaign=inverno-cafe&gclid=EXEMPLO123',
    'Loja ABC – café de verdade',
    [0, { event: 'page_view', page_type: 'home' }],
    [900, { event: 'view_promotion', ecommerce: promotion }],
    [1_700, { event: 'select_promotion', ecommerce: promotion }],
  ],
  [
    '/cafes',
    'Cafés – Loja ABC',
    [400, { event: 'page_view', page_type: 'category' }],
    [100, { event: 'view_item_list', ecommerce: list('cafes', 'Cafés', coffee, grinder) }],
    [2_300, { event: 'select_item', ecommerce: list('cafes', 'Cafés', coffee) }],
  ],
  [
    '/cafes/mogiana-500g',
    'Café em Grãos Mogiana 500 g – Loja ABC',
    [300, { event: 'page_view', page_type: 'product' }],
    [100, { event: 'view_item', ecommerce: cart(coffee) }],
    [3_100, { event: 'add_to_cart', ecommerce: cart(coffee) }],
  ],
  [
    '/busca?q=prensa+francesa',
    'Busca: prensa francesa – Loja ABC',
    [1_200, { event: 'search', search_term: 'prensa francesa' }],
    [100, { event: 'view_search_results', search_term: 'prensa francesa', results: 6 }],
    [100, { event: 'view_item_list', ecommerce: list('busca', 'Resultados da busca', press, grinder) }],
    [1_900, { event: 'select_item', ecommerce: list('busca', 'Resultados da busca', press) }],
  ],
  [
    '/preparo/prensa-600',
    'Prensa Francesa Inox 600 ml – Loja ABC',
    [300, { event: 'page_view', page_type: 'product' }],
    [100, { event: 'view_item', ecommerce: cart(press) }],
    [1_500, { event: 'add_to_wishlist', ecommerce: cart(press) }],
    [800, { event: 'add_to_cart', ecommerce: cart(press) }],
    // What a tag sends whose variable for the event's name came out undefined.
    [50, { ecommerce: cart(press) }],
  ],
  [
    '/clube',
    'Clube do café – Loja ABC',
    [900, { event: 'page_view', page_type: 'landing' }],
    [
      4_200,
      {
        event: 'generate_lead',
        currency: 'BRL',
        value: 25,
        lead_source: 'Cupom de primeira compra',
        form_id: 'clube-do-cafe',
        user_data: ana,
      },
    ],
  ],
  [
    '/carrinho',
    'Carrinho – Loja ABC',
    [1_000, { event: 'page_view', page_type: 'cart' }],
    [100, { event: 'view_cart', ecommerce: cart(coffee, press) }],
    [2_000, { event: 'remove_from_cart', ecommerce: cart(press) }],
  ],
  [
    '/preparo/moedor-ceramica',
    'Moedor Manual de Cerâmica – Loja ABC',
    [700, { event: 'page_view', page_type: 'product' }],
    [100, { event: 'view_item', ecommerce: cart(grinder) }],
    [1_100, { event: 'add_to_cart', ecommerce: cart(grinder) }],
  ],
  ['/conta/criar', 'Criar conta – Loja ABC', [2_600, { event: 'sign_up', method: 'email', user_data: ana }]],
  [
    '/finalizar',
    'Finalizar compra – Loja ABC',
    [600, { event: 'page_view', page_type: 'checkout' }],
    [100, { event: 'begin_checkout', ecommerce: { ...paid, coupon: 'BEMVINDA10', cart_id: 'CARRINHO-8841' } }],
    [1_800, { event: 'add_shipping_info', ecommerce: { ...paid, shipping_tier: 'Expressa' } }],
    [1_400, { event: 'add_payment_info', ecommerce: { ...paid, payment_type: 'Pix' } }],
  ],
  [
    '/obrigada',
    'Pedido recebido – Loja ABC',
    [
      1_600,
      {
        event: 'purchase',
        user_data: anaWithAddress,
        ecommerce: {
          transaction_id: 'PEDIDO-1047',
          ...paid,
          tax: 21.3,
          shipping: 18.9,
          coupon: 'BEMVINDA10',
          customer_type: 'new',
        },
      },
    ],
    [300, { event: 'page_view', page_type: 'thank_you' }],
    [1_200, { event: 'view_item', ecommerce: cart(cup) }],
  ],
]

export const recordedVisit: readonly Step[] = scenes.flatMap(([page, title, ...pushes]) =>
  pushes.map(([after, push]) => ({ page, title, after, push })),
)
