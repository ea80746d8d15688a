import assert from 'node:assert/strict'

/** What one person's visit to the demo shop comes to at each vendor: a lead, a cart, an order, in the words of the vendor. */
type Received = readonly { kind: string; key: string; data: unknown }[]
type Check = (received: Received, order: string) => void

const EMAIL = 'ana@example.com'
const MOBILE = '+5511987654321'
/** Events of the time before the lead have nobody's address: they are skipped. */
const KNOWN = ['view_item', 'add_to_cart', 'view_cart', 'begin_checkout', 'add_shipping_info', 'add_payment_info']

const of = (received: Received, kind: string) => received.filter(one => one.kind === kind)
const keysOf = (received: Received) => received.map(({ kind, key }) => [kind, key])
const fields = (received: Received, kind: string, name: string) =>
  of(received, kind).map(({ data }) => (data as { [field: string]: unknown })[name])

/** A vendor with keys has one record, however often it is told: a page that heard no answer sends again. */
const records = (received: Received): Received => [
  ...new Map(received.map(one => [`${one.kind} ${one.key}`, one])).values(),
]

export const ARRIVALS: { readonly [vendor: string]: Check } = {
  // Nothing is promised across lanes, so what is urgent is looked at by itself.
  rdstation(received, order) {
    const sent = received.map(({ data }) => data as { event_type: string; payload: { conversion_identifier?: string } })
    const nameOf = ({ event_type: type, payload }: (typeof sent)[number]) => payload.conversion_identifier ?? type
    const urgent = ['generate-lead', 'ECOMMERCE_ORDER_PLACED']
    const happened = sent.map(nameOf)
    assert.deepEqual(
      happened.filter(name => urgent.includes(name)),
      urgent,
    )
    assert.deepEqual(
      happened.filter(name => !urgent.includes(name)),
      ['added-to-cart', 'ECOMMERCE_CHECKOUT_STARTED'],
    )
    const sentAs = (name: string) => sent.find(one => nameOf(one) === name)?.payload
    const lead = { email: EMAIL, name: 'Ana', traffic_campaign: 'inverno' }
    assert.partialDeepStrictEqual(sentAs('generate-lead'), lead)
    assert.partialDeepStrictEqual(sentAs('added-to-cart'), { email: EMAIL, traffic_source: 'google' })
    const checkout = { email: EMAIL, price: 119, currency: 'BRL' }
    assert.partialDeepStrictEqual(sentAs('ECOMMERCE_CHECKOUT_STARTED'), checkout)
    assert.partialDeepStrictEqual(sentAs('ECOMMERCE_ORDER_PLACED'), {
      ...{ email: EMAIL, name: 'Ana Souza', mobile_phone: MOBILE, identifier: order, price: 119, shipping_price: 32 },
      line_items: [{ product_id: 'COADOR-V60', price: 119, quantity: 1 }],
    })
  },
  salesforce(told, order) {
    const received = records(told)
    assert.deepEqual(fields(received, 'Web_Event__c', 'Name__c'), KNOWN)
    assert.equal(of(received, 'Lead').length, 1)
    assert.deepEqual(keysOf(received.filter(({ kind }) => /Order/.test(kind))), [
      ['Web_Order__c', order],
      ['Web_Order_Item__c', `${order}-1`],
    ])
  },
  dynamics(told, order) {
    const received = records(told)
    assert.deepEqual(fields(received, 'new_webactivity', 'new_name'), KNOWN)
    const campaign = 'google / cpc / inverno'
    assert.deepEqual(fields(received, 'new_webactivity', 'new_campaign'), KNOWN.map(() => campaign)) // biome-ignore format: one thing
    const [lead, ...others] = of(received, 'lead')
    assert.deepEqual(others, [])
    assert.partialDeepStrictEqual(lead!.data, { firstname: 'Ana', emailaddress1: EMAIL, subject: 'Clube do café: contact' }) // biome-ignore format: one thing
    const placed = { new_transactionid: order, new_value: 119, new_shipping: 32, new_campaign: campaign }
    assert.equal(of(received, 'new_order').length, 1)
    assert.partialDeepStrictEqual(of(received, 'new_order')[0]!.data, placed)
    assert.partialDeepStrictEqual(of(received, 'contact')[0]!.data, { emailaddress1: EMAIL, mobilephone: MOBILE })
  },
  responsys(told, order) {
    const received = records(told)
    const seen = fields(received, 'WEB_EVENTS', 'EVENT_NAME')
    assert.deepEqual(
      seen.filter(name => name !== 'generate_lead'),
      KNOWN,
    )
    assert.equal(seen.length, KNOWN.length + 1)
    assert.deepEqual(fields(received, 'ORDERS', 'ORDER_ID'), [order])
    assert.deepEqual(fields(received, 'ORDER_ITEMS', 'PRODUCT_ID'), ['COADOR-V60'])
    assert.deepEqual(
      ['lead_created', 'order_placed'].map(program => of(received, program).length),
      [1, 1],
    )
    const profile = { EMAIL_ADDRESS_: EMAIL, FIRST_NAME: 'Ana', MOBILE_NUMBER_: MOBILE, STORE: 'Loja ABC' }
    assert.partialDeepStrictEqual(of(received, 'CONTACTS_LIST')[0]!.data, profile)
    assert.partialDeepStrictEqual(of(received, 'WEB_PROFILE')[0]!.data, { LAST_ORDER_ID: order, CART_VALUE: '119' })
  },
  // The lead leaves no number, so that only the order is told.
  whatsapp(received, order) {
    assert.deepEqual(keysOf(received), [['order_received', MOBILE]])
    const text = (value: string) => ({ type: 'text', text: value })
    assert.partialDeepStrictEqual(received[0]!.data, {
      template: { components: [{ type: 'body', parameters: [text('Ana'), text(order)] }] },
    })
  },
  sendgrid(received, order) {
    assert.deepEqual(keysOf(of(received, 'mail')), [['mail', EMAIL]])
    assert.partialDeepStrictEqual(of(received, 'mail')[0]!.data, {
      to: [{ email: EMAIL }],
      dynamic_template_data: { transaction_id: order, value: 119 },
    })
    const contact = { first_name: 'Ana', phone_number: MOBILE, custom_fields: { e1_T: 'google', e2_N: 119 } }
    assert.partialDeepStrictEqual(of(received, 'contact').at(-1)!.data, contact)
  },
}
