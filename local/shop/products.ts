import type { Language } from './words.ts'

/** Prices in BRL. */
export type Product = {
  id: string
  name: { readonly [language in Language]: string }
  text: { readonly [language in Language]: string }
  brand: string
  category: string
  variant: string
  price: number
  /** Hue of its picture, in degrees. */
  hue: number
}

export const PRODUCTS: readonly Product[] = [
  {
    id: 'CAFE-CERRADO-250',
    name: { pt: 'Café do Cerrado 250 g', en: 'Cerrado coffee 250 g' },
    text: {
      pt: 'Doce, com notas de caramelo. Torrado na semana do envio.',
      en: 'Sweet, with a hint of caramel. Roasted in the week it is sent.',
    },
    brand: 'Serra Alta',
    category: 'Cafés',
    variant: 'Torra média',
    price: 42.9,
    hue: 28,
  },
  {
    id: 'COADOR-V60',
    name: { pt: 'Coador de cerâmica', en: 'Ceramic dripper' },
    text: {
      pt: 'Para uma ou duas xícaras. Acompanha vinte filtros.',
      en: 'For one cup or two. Twenty filters come with it.',
    },
    brand: 'Oficina do Barro',
    category: 'Preparo',
    variant: 'Branco',
    price: 119,
    hue: 190,
  },
  {
    id: 'CHALEIRA-900',
    name: { pt: 'Chaleira bico de ganso 900 ml', en: 'Gooseneck kettle 900 ml' },
    text: { pt: 'Despeja devagar, como o coador pede.', en: 'Pours as slowly as a dripper asks for.' },
    brand: 'Vapor',
    category: 'Preparo',
    variant: 'Inox',
    price: 249.9,
    hue: 260,
  },
  {
    id: 'XICARA-ANIL',
    name: { pt: 'Xícara anil', en: 'Indigo cup' },
    text: { pt: 'Feita à mão; cada uma sai um pouco diferente.', en: 'Made by hand, so no two are alike.' },
    brand: 'Oficina do Barro',
    category: 'Louças',
    variant: '180 ml',
    price: 58.5,
    hue: 225,
  },
]

export const productNamed = (id: string): Product | undefined => PRODUCTS.find(product => product.id === id)

/** As GA4 has an item: https://developers.google.com/analytics/devguides/collection/ga4/ecommerce */
export const itemOf = (product: Product, language: Language) => ({
  item_id: product.id,
  item_name: product.name[language],
  item_brand: product.brand,
  item_category: product.category,
  item_variant: product.variant,
  price: product.price,
  quantity: 1,
})
