import type { Parameter } from '../template.ts'
import type { TemplateSource } from './template-source.ts'
import { both, CATEGORIES, serverKeyField, tenantField } from './words.ts'

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
    displayName: 'Without consent to analytics / Sem consentimento para análise',
    simpleValueType: true,
    defaultValue: 'required',
    radioItems: [
      { value: 'required', displayValue: 'Send nothing / Nada enviar' },
      { value: 'signal', displayValue: 'Send with the consent state / Enviar com o estado de consentimento' },
    ],
    help: both(
      'Read from consent_state, or from what the Google tag sends in x-ga-gcs. Neither is not a yes.',
      'Lido de consent_state ou do que a tag do Google envia em x-ga-gcs. A falta de ambos não é um sim.',
    ),
  },
  {
    type: 'SIMPLE_TABLE',
    name: 'extra',
    displayName: 'More fields / Mais campos',
    newRowButtonText: 'Add field / Adicionar campo',
    help: both(
      'Sent with the event under the names given here. They win over what the event brings itself.',
      'Enviados com o evento, com os nomes dados aqui. Prevalecem sobre o que o próprio evento traz.',
    ),
    simpleTableColumns: [
      {
        type: 'TEXT',
        name: 'name',
        displayName: 'Name / Nome',
        defaultValue: '',
        isUnique: true,
        valueValidators: [{ type: 'NON_EMPTY' }],
      },
      { type: 'TEXT', name: 'value', displayName: 'Value / Valor', defaultValue: '' },
    ],
  },
]

const codeFor = (endpoint: string) => `
const JSON = require('JSON');
const generateRandom = require('generateRandom');
const getEventData = require('getEventData');
const getTimestampMillis = require('getTimestampMillis');
const logToConsole = require('logToConsole');
const makeString = require('makeString');
const makeTableMap = require('makeTableMap');
const sendHttpRequest = require('sendHttpRequest');

const ENDPOINT = '${endpoint}';
const KEYS = [${KEYS.map(key => `'${key}'`).join(', ')}];
// Connect's firewall refuses requests that do not say who they are.
const AGENT = 'connect-tagging-server';
const TRIES = 3;

const word = (granted) => granted ? 'granted' : 'denied';

// G1 and a digit each for ad_storage and analytics_storage.
const consentState = () => {
  const told = getEventData('consent_state');
  if (told) return told;
  const gcs = getEventData('x-ga-gcs');
  if (!gcs) return {};
  return {ad_storage: word(gcs.charAt(2) === '1'), analytics_storage: word(gcs.charAt(3) === '1')};
};

const buildEvent = (consent) => {
  const now = getTimestampMillis();
  const event = {event: getEventData('event_name'), at: now, consent: consent};
  KEYS.forEach((key) => { event[key] = getEventData(key); });
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
const analytics = consent.analytics_storage;
const allowed = data.consentMode === 'signal' || analytics === true || analytics === 'granted';
if (getEventData('x-connect-forwarded') || !allowed) {
  data.gtmOnSuccess();
} else {
  send(JSON.stringify({events: [buildEvent(consent)]}), TRIES);
}
`

const SETUP = `
const JSON = require('JSON');
const Promise = require('Promise');
const tag = {tenant: 'loja-abc', serverKey: 'key', consentMode: 'required'};
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
    name: 'sends nothing without consent to analytics',
    code: `
event['x-ga-gcs'] = 'G110';
runCode(tag);
event['x-ga-gcs'] = undefined;
runCode(tag);
assertThat(bodies).isEmpty();
assertApi('gtmOnSuccess').wasCalled();
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
