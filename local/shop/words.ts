export type Language = 'pt' | 'en'
export const LANGUAGES: readonly Language[] = ['pt', 'en']
export const isLanguage = (text: string): text is Language => text === 'pt' || text === 'en'

/** What the shop says, in both languages. */
const WORDS = {
  shop: ['Loja ABC', 'ABC Shop'],
  about: ['Cafés e o que é preciso para prepará-los', 'Coffee, and what it takes to make it'],
  demo: [
    'Loja de demonstração: nada é cobrado nem enviado, e os CRMs são simulados.',
    'A demonstration: nothing is charged or shipped, and the CRMs are simulated.',
  ],
  live: ['Acompanhe cada evento', 'Watch every event'],
  skip: ['Ir para o conteúdo', 'Skip to the content'],
  menu: ['Menu', 'Menu'],
  products: ['Produtos', 'Products'],
  cart: ['Carrinho', 'Cart'],
  contact: ['Fale conosco', 'Contact'],
  other: ['English', 'Português'],
  add: ['Adicionar ao carrinho', 'Add to cart'],
  added: ['No carrinho.', 'In your cart.'],
  brand: ['Marca', 'Brand'],
  kind: ['Versão', 'Version'],
  emptyCart: ['Seu carrinho está vazio.', 'Your cart is empty.'],
  product: ['Produto', 'Product'],
  quantity: ['Quantidade', 'Quantity'],
  price: ['Preço', 'Price'],
  remove: ['Remover', 'Remove'],
  total: ['Total', 'Total'],
  checkout: ['Finalizar compra', 'Check out'],
  you: ['Seus dados', 'About you'],
  firstName: ['Nome', 'First name'],
  lastName: ['Sobrenome', 'Last name'],
  email: ['E-mail', 'E-mail'],
  phone: ['Celular', 'Mobile phone'],
  city: ['Cidade', 'City'],
  state: ['Estado', 'State'],
  shipping: ['Entrega', 'Delivery'],
  standard: ['Normal (R$ 18,00)', 'Standard (R$ 18.00)'],
  express: ['Expressa (R$ 32,00)', 'Express (R$ 32.00)'],
  payment: ['Pagamento', 'Payment'],
  card: ['Cartão', 'Card'],
  buy: ['Comprar', 'Buy'],
  thanks: ['Obrigado!', 'Thank you!'],
  order: ['Seu pedido:', 'Your order:'],
  message: ['Mensagem', 'Message'],
  send: ['Enviar', 'Send'],
  sent: ['Recebemos sua mensagem. Até logo!', 'We have your message. Talk to you soon!'],
  missing: ['Esta página não existe.', 'There is no such page.'],
  consentTitle: ['Sua privacidade', 'Your privacy'],
  consentText: [
    'Com a sua permissão, medimos o uso da loja e enviamos ofertas. Nada é medido, guardado ou enviado antes.',
    'With your permission we measure how the shop is used and send you offers. Nothing is measured, kept or sent before that.',
  ],
  consentAnalytics: ['Medir o uso', 'Measure use'],
  consentMarketing: ['Ofertas', 'Offers'],
  consentAll: ['Aceitar tudo', 'Accept all'],
  consentNone: ['Recusar tudo', 'Reject all'],
  consentSome: ['Salvar escolha', 'Save choice'],
  consentAgain: ['Cookies e privacidade', 'Cookies and privacy'],
  needsScript: ['Esta loja precisa de JavaScript.', 'This shop needs JavaScript.'],
} as const satisfies { readonly [word: string]: readonly [pt: string, en: string] }

export type Word = keyof typeof WORDS

export const wordsIn =
  (language: Language) =>
  (word: Word): string =>
    WORDS[word][LANGUAGES.indexOf(language)] ?? word

/** `R$ 42,90` or `R$42.90`. */
export const money = (value: number, language: Language): string =>
  value.toLocaleString(language === 'pt' ? 'pt-BR' : 'en-US', { style: 'currency', currency: 'BRL' })
