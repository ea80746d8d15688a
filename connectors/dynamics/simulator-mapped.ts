import type { Case } from '../../core/simulator.ts'
import type { Settings } from './settings.ts'
import { DOLLAR, event, item, keyOf, lead, order, rowKeyOf, SPRING, sentLead, sentRow } from './simulator-people.ts'

const many = Array.from({ length: 120 }, (_, n) => lead(`n${n}`))

/** What each event becomes. */
export const mapped: readonly Case<Settings>[] = [
  {
    title: 'a lead has its campaign, its consent, and what was said in the conversation',
    events: [
      lead('ana', {
        user: {
          email: 'ana@example.com',
          phone: '+5548999990000',
          firstName: 'Ana',
          lastName: 'Silva',
          company: 'Padaria Lua',
          city: 'Recife',
        },
        page: { url: 'https://loja.example/quote?utm_source=google', title: 'Quotes' },
        campaign: { source: 'google', medium: 'cpc', name: 'spring' },
        consent: { marketing: true },
        commerce: { currency: 'BRL', value: 20, items: [item(1)] },
        properties: {
          form_name: 'Quote',
          job_title: 'Baker',
          conversation_summary: 'Wants 20 shirts before Christmas.',
          conversation: [
            { role: 'visitor', text: 'Do you print shirts?' },
            { role: 'agent', text: 'We do.' },
          ],
        },
      }),
    ],
    sent: [
      {
        firstname: 'Ana',
        lastname: 'Silva',
        emailaddress1: 'ana@example.com',
        mobilephone: '+5548999990000',
        address1_city: 'Recife',
        donotbulkemail: false,
        companyname: 'Padaria Lua',
        jobtitle: 'Baker',
        websiteurl: 'https://loja.example/quote',
        estimatedamount: 20,
        'campaignid@odata.bind': `/campaigns(${SPRING})`,
        subject: 'Site: Quote',
        description: [
          'visitor: Do you print shirts?',
          'agent: We do.',
          '',
          'Wants 20 shirts before Christmas.',
          '',
          '2 x Shirt 1: 10',
          'Total: BRL 20',
          '',
          'Campaign: google / cpc / spring',
          'Page: Quotes, https://loja.example/quote',
        ].join('\n'),
        leadsourcecode: 8,
        new_externalid: keyOf('ana'),
      },
    ],
    outcomes: { ana: 'delivered' },
  },
  {
    title: 'a person who comes back changes the lead that is there, and no guess replaces what somebody typed',
    events: [
      lead('ana', {
        user: { email: 'ana@example.com', lastName: 'Silva' },
        properties: { form_name: 'Quote', message: 'Call me.' },
      }),
      lead('again', { user: { email: 'ana@example.com', city: 'Recife' }, properties: {} }),
    ],
    sent: [
      {
        emailaddress1: 'ana@example.com',
        lastname: 'Silva',
        subject: 'Site: Quote',
        description: 'Call me.',
        leadsourcecode: 8,
        address1_city: 'Recife',
        new_externalid: keyOf('ana'),
      },
    ],
    outcomes: { ana: 'delivered', again: 'delivered' },
  },
  {
    title: 'the same lead delivered twice is one lead',
    events: [lead('ana'), { ...lead('twice'), user: { email: 'ana@example.com' } }],
    sent: [sentLead('ana')],
    outcomes: { ana: 'delivered', twice: 'delivered' },
  },
  {
    title: 'a refused consent opts out, and one that was never asked for says nothing',
    events: [lead('ana', { consent: { marketing: false } }), lead('rui', { consent: { analytics: true } })],
    sent: [sentLead('ana', { donotbulkemail: true }), sentLead('rui')],
    outcomes: { ana: 'delivered', rui: 'delivered' },
  },
  {
    title: 'consent that is merely still in force takes no opt-out back',
    events: [order('ana', { consent: { marketing: true }, user: { email: 'ana@example.com', lastName: 'Silva' } })],
    sent: [
      { lastname: 'Silva', emailaddress1: 'ana@example.com', new_externalid: keyOf('ana') },
      sentRow('purchase', 'ana', {
        new_name: 'O-ana',
        new_transactionid: 'O-ana',
        new_currency: 'BRL',
        new_value: 20,
        new_itemcount: 2,
        new_items: '2 x Shirt 1: 10\nTotal: BRL 20',
        'new_Contact@odata.bind': `/contacts(new_externalid='${keyOf('ana')}')`,
      }),
    ],
    outcomes: { ana: 'delivered' },
  },
  {
    title: 'only refusals reach Dynamics where the settings say so, in the columns that they name',
    settings: { consent: 'opt-out', consentColumns: ['donotbulkemail', 'donotphone'] },
    events: [lead('ana', { consent: { marketing: true } }), lead('rui', { consent: { marketing: false } })],
    sent: [sentLead('ana'), sentLead('rui', { donotbulkemail: true, donotphone: true })],
    outcomes: { ana: 'delivered', rui: 'delivered' },
  },
  {
    title: 'an amount goes in its own currency, and not at all in one that the environment does not have',
    events: [
      lead('ana', { commerce: { currency: 'USD', value: 5 } }),
      lead('rui', { commerce: { currency: 'GBP', value: 5 } }),
    ],
    sent: [
      sentLead('ana', {
        estimatedamount: 5,
        'transactioncurrencyid@odata.bind': `/transactioncurrencies(${DOLLAR})`,
      }),
      sentLead('rui'),
    ],
    outcomes: { ana: 'delivered', rui: 'delivered' },
  },
  {
    title: 'stages change the lead that is there',
    events: [lead('ana'), event('working_lead', 'w', { user: { email: 'ana@example.com' } })],
    sent: [sentLead('ana', { statuscode: 2 })],
    outcomes: { ana: 'delivered', w: 'delivered' },
  },
  {
    title: 'a closed lead takes no further changes',
    settings: { closeLeads: true },
    events: [
      lead('ana'),
      event('close_unconvert_lead', 'lost', { user: { email: 'ana@example.com' } }),
      event('working_lead', 'late', { user: { email: 'ana@example.com' } }),
    ],
    sent: [sentLead('ana', { statecode: 2, statuscode: 4 })],
    outcomes: { ana: 'delivered', lost: 'delivered', late: 'rejected' },
  },
  {
    title: 'a stage of somebody who is no lead is refused',
    events: [event('qualify_lead', 'nobody')],
    sent: [],
    outcomes: { nobody: 'rejected' },
    details: { nobody: { code: '0x80060891' } },
  },
  {
    title: 'what people do becomes a row an event, once however often it is delivered',
    events: [event('add_to_cart', 'ana', { commerce: { items: [item(1), item(2)] } })],
    sent: [sentRow('add_to_cart', 'ana', { new_itemcount: 4, new_items: '2 x Shirt 1: 10\n2 x Shirt 2: 10' })],
    outcomes: { ana: 'delivered' },
  },
  {
    title: 'every event makes a lead of its own where the settings say so',
    settings: { leadPer: 'event' },
    events: [lead('ana'), lead('again', { user: { email: 'ana@example.com' } })],
    sent: [
      sentLead('ana', { new_externalid: rowKeyOf('ana') }),
      sentLead('ana', { new_externalid: rowKeyOf('again') }),
    ],
    outcomes: { ana: 'delivered', again: 'delivered' },
  },
  {
    title: "a tenant's own columns and names are filled, and texts cut to their length",
    settings: {
      columns: { lead: { websiteurl: '', companyname: 'new_utm' } },
      mapping: { lead: { '*': { new_gclid: 'campaign.gclid' }, generate_lead: { subject: '{properties.long}' } } },
    },
    events: [
      lead('ana', {
        user: { email: 'ana@example.com', company: 'Padaria Lua' },
        page: { url: 'https://loja.example/' },
        campaign: { gclid: 'g-1' },
        properties: { long: 'x'.repeat(400) },
      }),
    ],
    sent: [
      sentLead('ana', {
        subject: `${'x'.repeat(299)}…`,
        new_utm: 'Padaria Lua',
        new_gclid: 'g-1',
        description: 'Page: https://loja.example/',
      }),
    ],
    outcomes: { ana: 'delivered' },
  },
  {
    title: 'an event of nobody is skipped, as is one that the settings leave out',
    settings: { events: { view_item: [] } },
    events: [lead('nobody', { user: { city: 'Recife' } }), event('view_item', 'ana'), event('scroll', 'rui')],
    sent: [],
    outcomes: { nobody: 'skipped', ana: 'skipped', rui: 'skipped' },
  },
  {
    title: 'more leads than a batch holds go in several',
    events: many,
    sent: many.map(({ id }) => sentLead(id)),
    outcomes: Object.fromEntries(many.map(({ id }) => [id, 'delivered'])),
  },
]
