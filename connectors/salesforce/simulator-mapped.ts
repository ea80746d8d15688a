import type { Case } from '../../core/simulator.ts'
import type { Settings } from './settings.ts'
import {
  event,
  eventRecord,
  item,
  itemRecord,
  lead,
  leadRecord,
  order,
  orderRecord,
  view,
  viewRecord,
} from './simulator-people.ts'

const AT = '2026-11-20T12:00:00.000Z'

/** What each event becomes. */
export const mapped: readonly Case<Settings>[] = [
  {
    title: 'a lead brings what the form says, where it came from and whether it may be mailed',
    events: [
      lead('ana', {
        user: {
          email: 'ana@example.com',
          phone: '+5548999990000',
          firstName: 'Ana',
          lastName: 'Silva',
          company: 'Acme',
          city: 'Recife',
          state: 'PE',
          country: 'BR',
        },
        page: { url: 'https://loja.example/contato' },
        campaign: { source: 'google', medium: 'cpc', name: 'spring' },
        consent: { marketing: false },
        properties: { form_id: 'contact', message: 'Call me' },
      }),
    ],
    sent: [
      leadRecord('ana', {
        FirstName: 'Ana',
        Phone: '+5548999990000',
        City: 'Recife',
        State: 'PE',
        Country: 'BR',
        Description:
          'Form: contact\nMessage: Call me\nPage: https://loja.example/contato\nCampaign: google / cpc / spring',
        HasOptedOutOfEmail: true,
      }),
    ],
    outcomes: { ana: 'delivered' },
  },
  {
    title: 'records go in as many requests as the settings ask for',
    settings: { recordsPerRequest: 2 },
    events: ['ana', 'rui', 'eva', 'lia', 'leo'].map(id => lead(id)),
    sent: ['ana', 'rui', 'eva', 'lia', 'leo'].map(id => leadRecord(id)),
    outcomes: { ana: 'delivered', rui: 'delivered', eva: 'delivered', lia: 'delivered', leo: 'delivered' },
  },
  {
    title: 'a lead without a last name or a company goes with the placeholder of the settings',
    events: [lead('ana', { user: { email: 'ana@example.com' } })],
    sent: [leadRecord('ana', { LastName: 'Unknown', Company: 'Unknown' })],
    outcomes: { ana: 'delivered' },
  },
  {
    title: 'without a placeholder it is for Salesforce to refuse a lead without a last name, and nothing is made up',
    settings: { placeholder: '' },
    events: [lead('ana', { user: { email: 'ana@example.com', company: 'Acme' } }), lead('eva')],
    sent: [leadRecord('eva')],
    outcomes: { ana: 'rejected', eva: 'delivered' },
    details: { ana: { code: 'REQUIRED_FIELD_MISSING', words: 'Required fields are missing: [LastName]' } },
  },
  {
    title: 'a lead that has a number of its own keeps it: told again it stays one',
    events: [
      lead('ana', { properties: { lead_id: 'LD-1', form_id: 'newsletter' } }),
      lead('eva', { properties: { lead_id: 'ld-1', form_id: 'newsletter' } }),
    ],
    sent: [leadRecord('eva', { Web_Lead_Id__c: 'ld-1' })],
    outcomes: { ana: 'delivered', eva: 'delivered' },
  },
  {
    title: 'an order goes before its lines, and each line names it',
    events: [order('ana', { user: { id: 'C-1', email: 'ana@example.com' } })],
    sent: [orderRecord('ana', { Customer_Id__c: 'C-1' }), itemRecord('ana', 1), itemRecord('ana', 2)],
    outcomes: { ana: 'delivered' },
  },
  {
    title: 'an order without a number goes by the id of its event',
    events: [order('ana', { commerce: { currency: 'BRL', value: 20, items: [item(1)] } })],
    sent: [
      orderRecord('ana', { Order_Number__c: 'ana', Quantity__c: 1 }),
      itemRecord('ana', 1, { Line_Id__c: 'ana-1', Web_Order__r: { Order_Number__c: 'ana' } }),
    ],
    outcomes: { ana: 'delivered' },
  },
  {
    title: 'what happens to an order is added to it, a time for each step',
    events: [
      order('ana', { commerce: { transactionId: 'O-ana', currency: 'BRL', value: 20 } }),
      ...['order_paid', 'order_fulfilled', 'shipment_delivered', 'order_cancelled'].map(name =>
        event(name, name, { commerce: { transactionId: 'O-ana' } }),
      ),
      event('order_paid', 'nothing', { commerce: {} }),
    ],
    sent: [
      {
        type: 'Web_Order__c',
        Order_Number__c: 'O-ana',
        Placed_At__c: AT,
        Email__c: 'ana@example.com',
        Value__c: 20,
        Currency__c: 'BRL',
        Paid_At__c: AT,
        Fulfilled_At__c: AT,
        Delivered_At__c: AT,
        Cancelled_At__c: AT,
      },
    ],
    outcomes: {
      ana: 'delivered',
      order_paid: 'delivered',
      order_fulfilled: 'delivered',
      shipment_delivered: 'delivered',
      order_cancelled: 'delivered',
      nothing: 'skipped',
    },
  },
  {
    title: 'a refund does not touch what the order was worth: its own amount is in its event',
    events: [
      order('ana', { commerce: { transactionId: 'O-ana', value: 20 } }),
      event('refund', 'eva', { commerce: { transactionId: 'O-ana', value: 5 } }),
    ],
    sent: [
      {
        type: 'Web_Order__c',
        Order_Number__c: 'O-ana',
        Placed_At__c: AT,
        Email__c: 'ana@example.com',
        Value__c: 20,
        Refunded_At__c: AT,
      },
      eventRecord('refund', 'eva', { Value__c: 5, Order_Number__c: 'O-ana' }),
    ],
    outcomes: { ana: 'delivered', eva: 'delivered' },
  },
  {
    title: 'who signs up becomes a contact, and a login adds to it without a name made up',
    events: [
      event('sign_up', 'ana', { user: { id: 'C-1', email: 'ana@example.com' }, consent: { marketing: true } }),
      event('login', 'again', {
        user: { id: 'c-1', email: 'ana@example.com', city: 'Recife' },
        consent: { marketing: false },
      }),
      event('login', 'stranger', { user: { id: 'C-2', email: 'stranger@example.com' } }),
      event('login', 'silent', { user: { id: 'C-3' } }),
    ],
    sent: [
      {
        type: 'Contact',
        Customer_Id__c: 'c-1',
        LastName: 'Unknown',
        Email: 'ana@example.com',
        HasOptedOutOfEmail: false,
        MailingCity: 'Recife',
      },
      eventRecord('sign_up', 'ana', { Customer_Id__c: 'C-1' }),
    ],
    outcomes: { ana: 'delivered', again: 'delivered', stranger: 'rejected', silent: 'skipped' },
  },
  {
    title: 'what a known person looks at becomes an event record, and what nobody known does is skipped',
    events: [
      view('ana', {
        page: { url: `https://loja.example/${'x'.repeat(300)}` },
        campaign: { source: 'google', medium: 'cpc', name: 'spring' },
      }),
      view('nobody', { user: {} }),
      event('scroll', 'rui'),
    ],
    sent: [
      viewRecord('ana', {
        Page_Url__c: `https://loja.example/${'x'.repeat(234)}`,
        Source__c: 'google',
        Medium__c: 'cpc',
        Campaign__c: 'spring',
      }),
    ],
    outcomes: { ana: 'delivered', nobody: 'skipped', rui: 'skipped' },
  },
  {
    title: 'fields have the names of the org, and the mapping fills more of them or clears one',
    settings: {
      fields: { event: { Sku__c: 'Product_Code__c', Product_Name__c: '', Quantity__c: '' } },
      mapping: {
        lead: {
          '*': { Plan__c: ['properties.plan', { value: 'free' }], Interests__c: 'properties.interests' },
          generate_lead: { Web_Lead_Id__c: 'user.email', Description: { value: null } },
        },
      },
    },
    events: [lead('ana', { properties: { interests: ['shirts', 'shoes'] } }), view('rui')],
    sent: [
      {
        type: 'Lead',
        Web_Lead_Id__c: 'ana@example.com',
        LastName: 'Silva',
        Company: 'Acme',
        Email: 'ana@example.com',
        LeadSource: 'Web',
        Plan__c: 'free',
        Interests__c: 'shirts;shoes',
      },
      eventRecord('view_item', 'rui', { Product_Code__c: 'SKU-1', Value__c: 59.9, Currency__c: 'BRL' }),
    ],
    outcomes: { ana: 'delivered', rui: 'delivered' },
  },
  {
    title:
      'an order refers to its contact where the mapping says so, and an opportunity comes with it where the events do',
    settings: {
      events: { purchase: ['contact', 'order', 'opportunity'] },
      mapping: {
        order: { '*': { 'Contact__r.Customer_Id__c': 'user.id' } },
        contact: { purchase: { LastName: ['user.lastName', { value: 'Customer' }] } },
      },
    },
    events: [
      order('ana', {
        user: { id: 'C-1', email: 'ana@example.com' },
        commerce: { transactionId: 'O-ana', value: 20 },
      }),
    ],
    sent: [
      { type: 'Contact', Customer_Id__c: 'C-1', LastName: 'Customer', Email: 'ana@example.com' },
      {
        type: 'Web_Order__c',
        Order_Number__c: 'O-ana',
        Placed_At__c: AT,
        Customer_Id__c: 'C-1',
        Email__c: 'ana@example.com',
        Value__c: 20,
        Contact__r: { Customer_Id__c: 'C-1' },
      },
      {
        type: 'Opportunity',
        Order_Number__c: 'O-ana',
        Name: 'Order O-ana',
        StageName: 'Closed Won',
        CloseDate: '2026-11-20',
        Amount: 20,
      },
    ],
    outcomes: { ana: 'delivered' },
  },
]
