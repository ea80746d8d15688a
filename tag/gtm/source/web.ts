import { CONSENTS, GA4_PARAMETERS } from '../events.ts'
import type { Parameter } from '../template.ts'
import type { TemplateSource } from './template-source.ts'
import { both, CATEGORIES, extraField, listInCode, needFields, tenantField } from './words.ts'

/** As it stands in the template's code. */
const PARAMETERS = `{\n${Object.entries(GA4_PARAMETERS)
  .map(([event, keys]) => `  ${event}: ${listInCode(keys)}`)
  .join(',\n')}\n}`

/** The tag that marketers put into a web container: it queues events for tag.js and loads it from `endpoint`. */
export const webSource = (endpoint: string): TemplateSource => ({
  name: 'web',
  info: {
    type: 'TAG',
    displayName: 'Connect - events to CRMs',
    description: both(
      'Sends dataLayer events (GA4 e-commerce, leads) to the CRMs of your Connect installation.',
      'Envia eventos da dataLayer (e-commerce GA4, leads) aos CRMs da sua instalação do Connect.',
    ),
    containerContexts: ['WEB'],
    categories: CATEGORIES,
  },
  parameters: FIELDS,
  code: codeFor(endpoint),
  setup: setupFor(endpoint),
  scenarios: SCENARIOS,
  notes: `
Queues events in the global "connect" and loads ${endpoint}/tag.js, which batches, retries and sends them.
Content-Security-Policy: script-src and connect-src need ${endpoint}.
Written by a program from one source; changes made here are lost.
`,
})

/** Fields of an event mean nothing where none is sent. */
const WITH_EVENT = { enablingConditions: [{ paramName: 'action', paramValue: 'event', type: 'EQUALS' }] }

const FIELDS: readonly Parameter[] = [
  tenantField,
  {
    type: 'RADIO',
    name: 'action',
    displayName: 'Action / Ação',
    simpleValueType: true,
    defaultValue: 'event',
    radioItems: [
      { value: 'event', displayValue: 'Send an event / Enviar um evento' },
      { value: 'load', displayValue: 'Load the library only / Somente carregar a biblioteca' },
    ],
    help: both(
      'Have one tag that only loads the library, on the trigger Initialization - All Pages. The library then learns of a campaign on the page that it brings people to, and sends what earlier pages could not, whatever else happens on the page.',
      'Tenha uma tag que somente carrega a biblioteca, no acionador Inicialização - Todas as páginas. Assim a biblioteca conhece a campanha já na página de entrada e envia o que páginas anteriores não conseguiram, aconteça o que acontecer na página.',
    ),
  },
  {
    type: 'TEXT',
    name: 'eventName',
    ...WITH_EVENT,
    displayName: 'Event name / Nome do evento',
    simpleValueType: true,
    valueHint: 'generate_lead',
    help: both(
      'Leave empty to send the dataLayer event that fired the tag, under its own name. Page view triggers send page_view. Click and form triggers need a name here.',
      'Deixe vazio para enviar o evento da dataLayer que acionou a tag, com o próprio nome. Acionadores de visualização de página enviam page_view. Acionadores de clique e de formulário precisam de um nome aqui.',
    ),
  },
  {
    type: 'TEXT',
    name: 'userData',
    ...WITH_EVENT,
    displayName: 'User data / Dados do usuário',
    simpleValueType: true,
    valueHint: '{{Connect - user data}}',
    help: both(
      'A variable that holds an object such as {email, phone_number, address}. Leave empty to read user_data from the dataLayer.',
      'Uma variável com um objeto como {email, phone_number, address}. Deixe vazio para ler user_data da dataLayer.',
    ),
  },
  extraField(WITH_EVENT),
  {
    type: 'GROUP',
    name: 'consent',
    displayName: 'Consent / Consentimento',
    groupStyle: 'ZIPPY_OPEN',
    subParams: [
      {
        type: 'RADIO',
        name: 'consentMode',
        displayName: 'Without consent / Sem consentimento',
        simpleValueType: true,
        defaultValue: 'wait',
        radioItems: [
          { value: 'wait', displayValue: 'Wait for it, in memory only / Esperar, somente na memória' },
          { value: 'signal', displayValue: 'Send with the consent state / Enviar com o estado de consentimento' },
        ],
        help: both(
          'Events that wait are sent if consent comes while the page is open, also after a refusal, and forgotten otherwise. The consent state travels with every event either way. What one tag of a page needs, all of them wait for. Google Consent Mode counts what was never set as granted: set defaults before GTM loads. For a tag that does not even load before consent, require consent in the tag settings of GTM.',
          'Eventos em espera são enviados se o consentimento vier enquanto a página está aberta, mesmo depois de uma recusa; do contrário, são esquecidos. O estado de consentimento acompanha todo evento. O que uma tag da página exige, todas esperam. O Consent Mode do Google considera concedido o que nunca foi definido: defina os padrões antes do GTM. Para que a tag nem carregue antes do consentimento, exija-o nas configurações da tag no GTM.',
        ),
      },
      ...needFields('wait'),
    ],
  },
]

const codeFor = (endpoint: string) => `
const addConsentListener = require('addConsentListener');
const callLater = require('callLater');
const copyFromDataLayer = require('copyFromDataLayer');
const createQueue = require('createQueue');
const injectScript = require('injectScript');
const isConsentGranted = require('isConsentGranted');
const logToConsole = require('logToConsole');
const makeTableMap = require('makeTableMap');
const queryPermission = require('queryPermission');
const templateStorage = require('templateStorage');

const ENDPOINT = '${endpoint}';
const SCRIPT = ENDPOINT + '/tag.js';
const CONSENTS = ${listInCode(CONSENTS)};
// What GA4 names beside a shopping cart. Every event that is not here may carry one.
const PARAMETERS = ${PARAMETERS};
const PAGE_VIEWS = ['gtm.js', 'gtm.init', 'gtm.dom', 'gtm.load', 'gtm.historyChange'];

const states = () => {
  const flags = {};
  CONSENTS.forEach((type) => { flags[type] = isConsentGranted(type) ? 'granted' : 'denied'; });
  return flags;
};

const nameOfEvent = () => {
  const fired = copyFromDataLayer('event');
  if (data.eventName) return data.eventName;
  if (PAGE_VIEWS.indexOf(fired) >= 0) return 'page_view';
  return fired && fired.indexOf('gtm.') !== 0 ? fired : undefined;
};

const buildEvent = (name) => {
  const event = {event: name, user_data: data.userData || copyFromDataLayer('user_data'), user_id: copyFromDataLayer('user_id')};
  const own = PARAMETERS.hasOwnProperty(name) ? PARAMETERS[name] : ['ecommerce'];
  own.forEach((key) => { event[key] = copyFromDataLayer(key); });
  const extra = makeTableMap(data.extra || [], 'name', 'value') || {};
  for (const key in extra) event[key] = extra[key];
  return event;
};

const fail = (reason) => {
  logToConsole('Connect: ' + reason);
  data.gtmOnFailure();
};

// Once on a page: who it is for, what is known of consent, and every later choice of the person.
const begin = (push, needs) => {
  templateStorage.setItem('tenant', data.tenant);
  push({tenant: data.tenant, endpoint: ENDPOINT, needs: needs, 'default': states()});
  // Later: one choice changes several types, and an event must not leave between two of them.
  CONSENTS.forEach((type) => {
    addConsentListener(type, () => callLater(() => push({consent: states()})));
  });
};

// The library sends for the page and not for one tag: what any of the tags needs holds for all.
const tellSettings = (push) => {
  const known = templateStorage.getItem('needs') || '';
  const own = data.consentMode === 'signal' ? [] : CONSENTS.filter((type) => data[type]);
  const needs = CONSENTS.filter((type) => own.indexOf(type) >= 0 || known.indexOf(type) >= 0).join(' ');
  if (!tenant) begin(push, needs);
  else if (needs !== known) push({needs: needs});
  templateStorage.setItem('needs', needs);
};

const loadsOnly = data.action === 'load';
const name = loadsOnly ? undefined : nameOfEvent();
const tenant = templateStorage.getItem('tenant');
if (!name && !loadsOnly) {
  fail('this trigger has no event of its own: give the event a name in the tag');
} else if (tenant && tenant !== data.tenant) {
  fail('this page already sends for ' + tenant + ': one page, one tenant');
} else if (!queryPermission('inject_script', SCRIPT)) {
  fail('this template may not load ' + SCRIPT);
} else {
  const push = createQueue('connect');
  tellSettings(push);
  if (name) push(buildEvent(name));
  injectScript(SCRIPT, data.gtmOnSuccess, () => fail(SCRIPT + ' did not load: is it in the Content-Security-Policy?'), SCRIPT);
}
`

const setupFor = (endpoint: string) => `
const SCRIPT = '${endpoint}/tag.js';
const page = {event: 'purchase', ecommerce: {value: 10, items: [{item_id: 'C1'}]}, user_data: {email: 'ana@example.com'}};
let granted = {ad_storage: true, analytics_storage: true, ad_user_data: true, ad_personalization: true};
const pushed = [];
const listeners = {};
const stored = {};
const tag = {tenant: 'loja-abc', consentMode: 'wait', analytics_storage: true};
mock('copyFromDataLayer', (key) => page[key]);
mock('isConsentGranted', (type) => granted[type]);
mock('addConsentListener', (type, listener) => { listeners[type] = listener; });
mock('createQueue', () => (entry) => { pushed.push(entry); });
mock('injectScript', (url, loaded) => { loaded(); });
mockObject('templateStorage', {getItem: (key) => stored[key], setItem: (key, value) => { stored[key] = value; }});
`

const SCENARIOS = [
  {
    name: 'queues the event and loads the library',
    code: `
runCode(tag);
assertApi('createQueue').wasCalledWith('connect');
assertThat(pushed).hasLength(2);
assertThat(pushed[0].tenant).isEqualTo('loja-abc');
assertThat(pushed[0].needs).isEqualTo('analytics_storage');
assertThat(pushed[1].event).isEqualTo('purchase');
assertThat(pushed[1].ecommerce).isEqualTo({value: 10, items: [{item_id: 'C1'}]});
assertThat(pushed[1].user_data).isEqualTo({email: 'ana@example.com'});
assertApi('injectScript').wasCalled();
assertApi('gtmOnSuccess').wasCalled();
assertApi('gtmOnFailure').wasNotCalled();
`,
  },
  {
    name: 'tells the settings once on a page',
    code: `
runCode(tag);
runCode(tag);
assertThat(pushed).hasLength(3);
assertThat(pushed[2].event).isEqualTo('purchase');
`,
  },
  {
    name: 'loads the library with the settings and without an event, whatever its trigger',
    code: `
tag.action = 'load';
for (const event in {'gtm.init': 1, 'gtm.formSubmit': 1, purchase: 1}) {
  page.event = event;
  runCode(tag);
}
assertThat(pushed).hasLength(1);
assertThat(pushed[0].tenant).isEqualTo('loja-abc');
assertThat(pushed[0].needs).isEqualTo('analytics_storage');
assertThat(pushed[0].default.analytics_storage).isEqualTo('granted');
assertApi('injectScript').wasCalled();
assertApi('gtmOnSuccess').wasCalled();
assertApi('gtmOnFailure').wasNotCalled();
`,
  },
  {
    name: 'an event after that tells nothing twice and listens to consent once',
    code: `
let heard = 0;
mock('addConsentListener', () => { heard = heard + 1; });
runCode({tenant: 'loja-abc', consentMode: 'wait', analytics_storage: true, action: 'load'});
runCode(tag);
assertThat(heard).isEqualTo(4);
assertThat(pushed).hasLength(2);
assertThat(pushed[1].event).isEqualTo('purchase');
`,
  },
  {
    name: 'what one tag of the page needs holds for all of them',
    code: `
runCode({tenant: 'loja-abc', consentMode: 'signal', analytics_storage: true, action: 'load'});
assertThat(pushed[0].needs).isEqualTo('');
runCode({tenant: 'loja-abc', consentMode: 'wait', ad_user_data: true});
assertThat(pushed[1]).isEqualTo({needs: 'ad_user_data'});
runCode(tag);
assertThat(pushed[3]).isEqualTo({needs: 'analytics_storage ad_user_data'});
runCode({tenant: 'loja-abc', consentMode: 'signal'});
assertThat(pushed).hasLength(6);
`,
  },
  {
    name: 'tells what is known of consent and every later choice as a whole',
    code: `
granted = {};
mock('callLater', (later) => { later(); });
runCode(tag);
assertThat(pushed[0].default).isEqualTo({ad_storage: 'denied', analytics_storage: 'denied', ad_user_data: 'denied', ad_personalization: 'denied'});
granted = {analytics_storage: true, ad_user_data: true};
listeners.ad_user_data('ad_user_data', true);
assertThat(pushed[2].consent).isEqualTo({ad_storage: 'denied', analytics_storage: 'granted', ad_user_data: 'granted', ad_personalization: 'denied'});
`,
  },
  {
    name: 'sends at once with the state where consent only travels along',
    code: `
tag.consentMode = 'signal';
runCode(tag);
assertThat(pushed[0].needs).isEqualTo('');
`,
  },
  {
    name: 'names every consent that is needed',
    code: `
tag.ad_user_data = true;
runCode(tag);
assertThat(pushed[0].needs).isEqualTo('analytics_storage ad_user_data');
`,
  },
  {
    name: 'reads the fields of a lead and no cart',
    code: `
page.event = 'generate_lead';
page.currency = 'BRL';
page.value = 50;
page.lead_source = 'form';
runCode(tag);
assertThat(pushed[1]).isEqualTo({event: 'generate_lead', currency: 'BRL', value: 50, lead_source: 'form', user_data: {email: 'ana@example.com'}});
`,
  },
  {
    name: 'reads of every event what GA4 names for it and nothing else',
    code: `
const parameters = ${PARAMETERS};
for (const name in parameters) {
  parameters[name].forEach((key) => { page[key] = 'the ' + key; });
}
for (const name in parameters) {
  page.event = name;
  runCode(tag);
  const expected = {event: name, user_data: page.user_data};
  parameters[name].forEach((key) => { expected[key] = 'the ' + key; });
  assertThat(pushed[pushed.length - 1]).isEqualTo(expected);
}
`,
  },
  {
    name: 'takes name, user data and more fields from its own form',
    code: `
tag.eventName = 'generate_lead';
tag.userData = {email: 'bia@example.com'};
tag.extra = [{name: 'store', value: 'centro'}];
runCode(tag);
assertThat(pushed[1].event).isEqualTo('generate_lead');
assertThat(pushed[1].user_data).isEqualTo({email: 'bia@example.com'});
assertThat(pushed[1].store).isEqualTo('centro');
`,
  },
  {
    name: 'calls a page view what a page view trigger fires',
    code: `
page.event = 'gtm.js';
runCode(tag);
assertThat(pushed[1].event).isEqualTo('page_view');
assertThat(pushed[1].ecommerce).isUndefined();
`,
  },
  {
    name: 'fails on a trigger without an event of its own',
    code: `
page.event = 'gtm.formSubmit';
runCode(tag);
assertApi('gtmOnFailure').wasCalled();
assertApi('logToConsole').wasCalled();
assertThat(pushed).isEmpty();
`,
  },
  {
    name: 'serves one tenant on a page',
    code: `
runCode(tag);
runCode({tenant: 'clinica-sol', consentMode: 'wait'});
assertApi('gtmOnFailure').wasCalled();
assertThat(pushed).hasLength(2);
`,
  },
  {
    name: 'fails when the page forbids the script',
    code: `
mock('queryPermission', false);
runCode(tag);
assertApi('gtmOnFailure').wasCalled();
assertApi('injectScript').wasNotCalled();
`,
  },
  {
    name: 'fails when the script does not load and keeps the event queued',
    code: `
mock('injectScript', (url, loaded, failed) => { failed(); });
runCode(tag);
assertApi('gtmOnFailure').wasCalled();
assertApi('gtmOnSuccess').wasNotCalled();
assertThat(pushed[1].event).isEqualTo('purchase');
`,
  },
]
