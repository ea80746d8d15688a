import { CONSENTS } from '../events.ts'
import type { Parameter } from '../template.ts'
import type { TemplateSource } from './template-source.ts'
import { both, CATEGORIES, extraField, listInCode, needFields, serverKeyField, tenantField } from './words.ts'

/** https://developers.google.com/tag-platform/tag-manager/server-side/common-event-data, and what GA4 names for carts and leads */
const KEYS = [
  'event_id',
  'client_id',
  'ga_session_id',
  'user_id',
  'user_data',
  'page_location',
  'page_referrer',
  'page_title',
  'currency',
  'value',
  'tax',
  'shipping',
  'coupon',
  'transaction_id',
  'items',
  'item_list_id',
  'item_list_name',
  'promotion_id',
  'promotion_name',
  'creative_name',
  'creative_slot',
  'shipping_tier',
  'payment_type',
  'lead_source',
  'lead_status',
  'disqualified_lead_reason',
  'unconvert_lead_reason',
  'method',
  'search_term',
]

/** Sends what other clients of a tagging server took in (GA4's above all). */
export const serverTagSource = (endpoint: string): TemplateSource => ({
  name: 'server-tag',
  info: {
    type: 'TAG',
    displayName: 'Connect - events of this server to CRMs',
    description: both(
      'Sends events that a GA4 or other client took in to the CRMs of your Connect installation.',
      'Envia os eventos recebidos por um cliente GA4 ou outro aos CRMs da sua instalação do Connect.',
    ),
    containerContexts: ['SERVER'],
    categories: CATEGORIES,
  },
  parameters: FIELDS,
  code: codeFor(endpoint),
  setup: SETUP,
  scenarios: scenariosFor(endpoint),
  notes: `
Fires on whatever its triggers say. Events that browsers sent through the Connect client are not sent twice.
Written by a program from one source; changes made here are lost.
`,
})

const FIELDS: readonly Parameter[] = [
  tenantField,
  serverKeyField,
  {
    type: 'RADIO',
    name: 'consentMode',
    displayName: 'Without consent / Sem consentimento',
    simpleValueType: true,
    defaultValue: 'required',
    radioItems: [
      { value: 'required', displayValue: 'Send nothing / Nada enviar' },
      { value: 'signal', displayValue: 'Send with the consent state / Enviar com o estado de consentimento' },
    ],
    help: both(
      'Read from consent_state, or from what the Google tag sends in x-ga-gcs and x-ga-gcd. What none of them says is not a yes.',
      'Lido de consent_state ou do que a tag do Google envia em x-ga-gcs e x-ga-gcd. O que nenhum deles diz não é um sim.',
    ),
  },
  ...needFields('required'),
  extraField(),
]

/** Names in an address, and in an event: tag.js has the same. */
const CAMPAIGN = ['utm_source', 'utm_medium', 'utm_campaign', 'utm_term', 'utm_content', 'gclid', 'fbclid']

/**
 * Neither is documented by Google. `x-ga-gcs`: `G1` and a digit for each of the first two types. `x-ga-gcd`: every other
 * character, from the third on, is a digit of base64 for one type; its lowest four bits are the default and the update.
 * https://github.com/analytics-debugger/gtm-template-server-side-google-consent-parser
 */
const SIGNS = { granted: 'nrtv', denied: 'mpqu' }

const codeFor = (endpoint: string) => `
const JSON = require('JSON');
const generateRandom = require('generateRandom');
const getEventData = require('getEventData');
const getTimestampMillis = require('getTimestampMillis');
const getType = require('getType');
const logToConsole = require('logToConsole');
const makeString = require('makeString');
const makeTableMap = require('makeTableMap');
const parseUrl = require('parseUrl');
const sendHttpRequest = require('sendHttpRequest');

const ENDPOINT = '${endpoint}';
const KEYS = ${listInCode(KEYS)};
const CAMPAIGN = ${listInCode(CAMPAIGN)};
const CONSENTS = ${listInCode(CONSENTS)};
// Connect's firewall refuses requests that do not say who they are.
const AGENT = 'connect-tagging-server';
const TRIES = 3;

const word = (sign, granted, denied) => {
  if (sign && granted.indexOf(sign) >= 0) return 'granted';
  return sign && denied.indexOf(sign) >= 0 ? 'denied' : undefined;
};

// The second form has all four types, and says what was never asked.
const consentState = () => {
  const told = getEventData('consent_state');
  if (told) return told;
  const gcs = getEventData('x-ga-gcs') || '';
  const gcd = getEventData('x-ga-gcd') || '';
  const state = {};
  CONSENTS.forEach((type, i) => {
    state[type] = word(gcs.charAt(2 + i), '1', '0') || word(gcd.charAt(2 + 2 * i), '${SIGNS.granted}', '${SIGNS.denied}');
  });
  return state;
};

// Nobody keeps it for the visit here: it is known on the page that the campaign leads to.
const campaignOf = (address) => {
  const url = parseUrl(address || '');
  let campaign;
  CAMPAIGN.forEach((name) => {
    const given = url && url.searchParams[name];
    const value = getType(given) === 'array' ? given[given.length - 1] : given;
    if (!value) return;
    campaign = campaign || {};
    campaign[name.replace('utm_', '')] = value;
  });
  return campaign;
};

const buildEvent = (consent) => {
  const now = getTimestampMillis();
  const event = {event: getEventData('event_name'), at: now, consent: consent};
  KEYS.forEach((key) => { event[key] = getEventData(key); });
  event.campaign = campaignOf(event.page_location);
  event.id = event.event_id || makeString(now) + '-' + generateRandom(100000000, 999999999) + '-' + generateRandom(100000000, 999999999);
  const extra = makeTableMap(data.extra || [], 'name', 'value') || {};
  for (const key in extra) event[key] = extra[key];
  return event;
};

const fail = (reason) => {
  logToConsole('Connect: ' + reason);
  data.gtmOnFailure();
};

// The same id and time with every try: it is stored once.
const send = (body, left) => {
  const again = (reason) => left > 1 ? send(body, left - 1) : fail(reason);
  const options = {method: 'POST', headers: {'Content-Type': 'application/json', 'User-Agent': AGENT, 'X-Connect-Key': data.serverKey}, timeout: 5000};
  sendHttpRequest(ENDPOINT + '/v1/events/' + data.tenant, options, body).then((result) => {
    const status = result.statusCode;
    if (status === 200) return data.gtmOnSuccess();
    if (status === 429 || status >= 500) return again('answered ' + status);
    return fail('refused with ' + status);
  }, () => again('did not answer'));
};

const consent = consentState();
const isGranted = (type) => consent[type] === true || consent[type] === 'granted';
const allowed = data.consentMode === 'signal' || CONSENTS.every((type) => !data[type] || isGranted(type));
if (getEventData('x-connect-forwarded') || !allowed) {
  data.gtmOnSuccess();
} else {
  send(JSON.stringify({events: [buildEvent(consent)]}), TRIES);
}
`

const SETUP = `
const JSON = require('JSON');
const Promise = require('Promise');
const tag = {tenant: 'loja-abc', serverKey: 'key', consentMode: 'required', analytics_storage: true};
const event = {event_name: 'purchase', value: 5, transaction_id: 'P1', user_data: {email_address: 'ana@example.com'}, 'x-ga-gcs': 'G111'};
const results = [];
const bodies = [];
let sent;
mock('getEventData', (key) => event[key]);
mock('getTimestampMillis', 1800000000000);
mock('sendHttpRequest', (url, options, body) => {
  sent = {url: url, options: options};
  bodies.push(body);
  const result = results.length ? results.shift() : {statusCode: 200};
  return Promise.create((resolve, reject) => { if (result.statusCode) resolve(result); else reject('timeout'); });
});
`

const scenariosFor = (endpoint: string) => [
  {
    name: 'sends the event with key, id and time',
    code: `
runCode(tag);
assertThat(sent.url).isEqualTo('${endpoint}/v1/events/loja-abc');
assertThat(sent.options.headers['X-Connect-Key']).isEqualTo('key');
assertThat(sent.options.headers['User-Agent']).isNotEmpty();
const first = JSON.parse(bodies[0]).events[0];
assertThat(first.event).isEqualTo('purchase');
assertThat(first.value).isEqualTo(5);
assertThat(first.transaction_id).isEqualTo('P1');
assertThat(first.user_data).isEqualTo({email_address: 'ana@example.com'});
assertThat(first.at).isEqualTo(1800000000000);
assertThat(first.id).isNotEmpty();
assertThat(first.campaign).isUndefined();
assertThat(first.consent).isEqualTo({ad_storage: 'granted', analytics_storage: 'granted'});
assertApi('gtmOnSuccess').wasCalled();
`,
  },
  {
    name: 'keeps the id that the event has',
    code: `
event.event_id = 'e-1';
runCode(tag);
assertThat(JSON.parse(bodies[0]).events[0].id).isEqualTo('e-1');
`,
  },
  {
    name: 'sends the very same again when it was not taken',
    code: `
results.push({statusCode: 503});
results.push({});
runCode(tag);
assertThat(bodies).hasLength(3);
assertThat(bodies[1]).isEqualTo(bodies[0]);
assertThat(bodies[2]).isEqualTo(bodies[0]);
assertApi('gtmOnSuccess').wasCalled();
`,
  },
  {
    name: 'fails after three tries',
    code: `
results.push({statusCode: 503});
results.push({statusCode: 429});
results.push({statusCode: 500});
runCode(tag);
assertThat(bodies).hasLength(3);
assertApi('gtmOnFailure').wasCalled();
assertApi('gtmOnSuccess').wasNotCalled();
`,
  },
  {
    name: 'does not repeat what is refused',
    code: `
results.push({statusCode: 403});
runCode(tag);
assertThat(bodies).hasLength(1);
assertApi('gtmOnFailure').wasCalled();
assertApi('logToConsole').wasCalled();
`,
  },
  {
    name: 'reads the campaign from the address of the page, by the names of the library',
    code: `
event.page_location = 'https://www.loja-abc.example/?utm_source=google&utm_medium=cpc&utm_campaign=ver%C3%A3o+2026&utm_term=caf%C3%A9&utm_content=a&gclid=G1&fbclid=F1&other=1';
runCode(tag);
assertThat(JSON.parse(bodies[0]).events[0].campaign).isEqualTo({source: 'google', medium: 'cpc', campaign: 'verão 2026', term: 'café', content: 'a', gclid: 'G1', fbclid: 'F1'});
event.page_location = 'https://www.loja-abc.example/?utm_source=a&utm_source=b&gclid=';
runCode(tag);
assertThat(JSON.parse(bodies[1]).events[0].campaign).isEqualTo({source: 'b'});
event.page_location = 'no address';
runCode(tag);
assertThat(JSON.parse(bodies[2]).events[0].campaign).isUndefined();
`,
  },
  {
    name: 'sends nothing without the consent that is needed',
    code: `
for (const gcs in {G110: 1, G100: 1, 'G1--': 1, '': 1}) {
  event['x-ga-gcs'] = gcs;
  runCode(tag);
}
assertThat(bodies).isEmpty();
assertApi('gtmOnSuccess').wasCalled();
`,
  },
  {
    name: 'needs each consent that is chosen, and takes none for given',
    code: `
tag.ad_user_data = true;
runCode(tag);
for (const gcd in {'11t1t1p1t5': 1, '13r3r3l3r1l1': 1, '11t1t1q1t5': 1, '11t1t1u1t5': 1, '11t1t1m1t5': 1, '': 1}) {
  event['x-ga-gcd'] = gcd;
  runCode(tag);
}
assertThat(bodies).isEmpty();
for (const gcd in {'11t1t1t1p5': 1, '13r3r3r3q1l1': 1, '11n1n1n1m5': 1, '11v1v1v1u5': 1}) {
  event['x-ga-gcd'] = gcd;
  runCode(tag);
}
assertThat(bodies).hasLength(4);
bodies.forEach((body) => {
  assertThat(JSON.parse(body).events[0].consent).isEqualTo({ad_storage: 'granted', analytics_storage: 'granted', ad_user_data: 'granted', ad_personalization: 'denied'});
});
event.consent_state = {analytics_storage: true, ad_user_data: 'granted'};
runCode(tag);
assertThat(bodies).hasLength(5);
`,
  },
  {
    name: 'believes the consent state before the short form of it',
    code: `
event.consent_state = {analytics_storage: false, ad_storage: true};
runCode(tag);
assertThat(bodies).isEmpty();
`,
  },
  {
    name: 'sends with the state where consent only travels along',
    code: `
tag.consentMode = 'signal';
event['x-ga-gcs'] = 'G100';
runCode(tag);
assertThat(JSON.parse(bodies[0]).events[0].consent).isEqualTo({ad_storage: 'denied', analytics_storage: 'denied'});
`,
  },
  {
    name: 'leaves alone what the Connect client has passed on already',
    code: `
event['x-connect-forwarded'] = true;
runCode(tag);
assertThat(bodies).isEmpty();
assertApi('gtmOnSuccess').wasCalled();
`,
  },
  {
    name: 'adds the fields of its own form',
    code: `
tag.extra = [{name: 'store', value: 'centro'}];
runCode(tag);
assertThat(JSON.parse(bodies[0]).events[0].store).isEqualTo('centro');
`,
  },
]
