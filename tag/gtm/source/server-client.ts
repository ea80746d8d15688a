import type { Parameter } from '../template.ts'
import type { TemplateSource } from './template-source.ts'
import { both, CATEGORIES, serverKeyField, tenantField } from './words.ts'

/**
 * Makes a tagging server the first-party front of Connect: browsers load tag.js from it and post to it, and get the
 * answer that Connect gives, so that what is not stored stays in the browser's queue.
 */
export const serverClientSource = (endpoint: string): TemplateSource => ({
  name: 'server-client',
  info: {
    type: 'CLIENT',
    displayName: 'Connect - first-party client',
    description: both(
      'Takes events from browsers on your own domain and passes them on to your Connect installation, with its answer.',
      'Recebe eventos dos navegadores no seu próprio domínio e os repassa à sua instalação do Connect, com a resposta dela.',
    ),
    containerContexts: ['SERVER'],
    categories: CATEGORIES,
  },
  parameters: FIELDS,
  code: codeFor(endpoint),
  setup: SETUP,
  scenarios: scenariosFor(endpoint),
  notes: `
Give web containers the address of the tagging server as endpoint, and browsers speak to no other domain.
Written by a program from one source; changes made here are lost.
`,
})

const FIELDS: readonly Parameter[] = [
  tenantField,
  serverKeyField,
  {
    type: 'SIMPLE_TABLE',
    name: 'origins',
    displayName: 'Sites',
    newRowButtonText: 'Add site / Adicionar site',
    help: both(
      'The sites that may send, as browsers write them: https://www.loja-abc.example, without a path.',
      'Os sites que podem enviar, como os navegadores os escrevem: https://www.loja-abc.example, sem caminho.',
    ),
    simpleTableColumns: [
      {
        type: 'TEXT',
        name: 'origin',
        displayName: 'Origin / Origem',
        defaultValue: '',
        isUnique: true,
        valueValidators: [{ type: 'REGEX', args: ['^https?://[^/]+$'], errorMessage: 'https://www.loja-abc.example' }],
      },
    ],
  },
  {
    type: 'CHECKBOX',
    name: 'runContainer',
    checkboxText: 'Let other tags of this container see the events / Outras tags deste contêiner veem os eventos',
    simpleValueType: true,
    defaultValue: false,
    help: both(
      'Runs the container once for each event that Connect has accepted. The Connect tag leaves these events alone.',
      'Executa o contêiner uma vez para cada evento aceito pelo Connect. A tag do Connect ignora esses eventos.',
    ),
  },
]

const codeFor = (endpoint: string) => `
const JSON = require('JSON');
const claimRequest = require('claimRequest');
const getRequestBody = require('getRequestBody');
const getRequestHeader = require('getRequestHeader');
const getRequestMethod = require('getRequestMethod');
const getRequestPath = require('getRequestPath');
const getType = require('getType');
const returnResponse = require('returnResponse');
const runContainer = require('runContainer');
const sendHttpRequest = require('sendHttpRequest');
const setResponseBody = require('setResponseBody');
const setResponseHeader = require('setResponseHeader');
const setResponseStatus = require('setResponseStatus');

const ENDPOINT = '${endpoint}';
// Connect's firewall refuses requests that do not say who they are.
const AGENT = 'connect-tagging-server';
const SCRIPT_PATH = '/tag.js';
const EVENTS_PATH = '/v1/events/' + data.tenant;

const origin = getRequestHeader('origin') || '';
const method = getRequestMethod();
const path = getRequestPath();

const answer = (status, body, retryAfter) => {
  if (isOurs(origin)) {
    setResponseHeader('Access-Control-Allow-Origin', origin);
    setResponseHeader('Access-Control-Expose-Headers', 'Retry-After');
    setResponseHeader('Vary', 'Origin');
  }
  if (retryAfter) setResponseHeader('Retry-After', retryAfter);
  setResponseHeader('Cache-Control', 'no-store');
  setResponseStatus(status);
  setResponseBody(body);
  returnResponse();
};

const isOurs = (site) => (data.origins || []).some((row) => row.origin === site);

const eventsOf = (text) => {
  const body = JSON.parse(text);
  const events = getType(body) === 'object' && body.events ? body.events : body;
  const list = getType(events) === 'array' ? events : [events];
  return list.filter((event) => getType(event) === 'object' && (event.event || event.name));
};

const eventData = (event) => {
  const known = {'x-connect-forwarded': true};
  for (const key in event) known[key] = event[key];
  for (const key in event.ecommerce || {}) known[key] = event.ecommerce[key];
  const page = event.page || {};
  known.event_name = event.event || event.name;
  known.page_location = page.url;
  known.page_referrer = page.referrer;
  known.page_title = page.title;
  known.ecommerce = known.event = known.page = undefined;
  return known;
};

const tellContainer = (events, done) => {
  let running = events.length;
  if (!running) done();
  events.forEach((event) => {
    runContainer(eventData(event), () => {
      running = running - 1;
      if (!running) done();
    });
  });
};

const pass = (text) => {
  const options = {method: 'POST', headers: {'Content-Type': 'text/plain', 'User-Agent': AGENT, 'X-Connect-Key': data.serverKey}, timeout: 10000};
  sendHttpRequest(ENDPOINT + EVENTS_PATH, options, text).then((result) => {
    const status = result.statusCode;
    const finish = () => answer(status, result.body || '', (result.headers || {})['retry-after']);
    // A wrong key or tenant is for people to put right: until then browsers keep what they have.
    if (status === 401 || status === 403 || status === 404) return answer(503, '', '300');
    if (status === 200 && data.runContainer) return tellContainer(eventsOf(text), finish);
    return finish();
  }, () => answer(503, '', '30'));
};

const script = () => {
  sendHttpRequest(ENDPOINT + SCRIPT_PATH, {method: 'GET', headers: {'User-Agent': AGENT}, timeout: 5000}).then((result) => {
    const headers = result.headers || {};
    setResponseHeader('Content-Type', 'text/javascript; charset=utf-8');
    setResponseHeader('Cache-Control', result.statusCode === 200 && headers['cache-control'] || 'no-store');
    setResponseStatus(result.statusCode);
    setResponseBody(result.statusCode === 200 ? result.body : '');
    returnResponse();
  }, () => answer(503, '', '30'));
};

if (path === SCRIPT_PATH && method === 'GET') {
  claimRequest();
  script();
} else if (path === EVENTS_PATH) {
  claimRequest();
  if (method === 'OPTIONS') answer(204, '');
  else if (method !== 'POST') answer(405, '');
  else if (!isOurs(origin)) answer(403, '');
  else pass(getRequestBody() || '');
}
`

const SETUP = `
const Promise = require('Promise');
const SITE = 'https://www.loja-abc.example';
const client = {tenant: 'loja-abc', serverKey: 'key', origins: [{origin: SITE}]};
const request = {path: '/v1/events/loja-abc', method: 'POST', origin: SITE, body: '{"batch":"b1","events":[{"event":"purchase","ecommerce":{"value":5}}]}'};
let result = {statusCode: 200, headers: {}, body: '{"accepted":1,"rejected":[]}'};
let sent;
mock('getRequestPath', () => request.path);
mock('getRequestMethod', () => request.method);
mock('getRequestBody', () => request.body);
mock('getRequestHeader', () => request.origin);
mock('sendHttpRequest', (url, options, body) => {
  sent = {url: url, options: options, body: body};
  return Promise.create((resolve, reject) => { if (result) resolve(result); else reject('timeout'); });
});
`

const scenariosFor = (endpoint: string) => [
  {
    name: 'leaves other paths to other clients',
    code: `
request.path = '/g/collect';
runCode(client);
assertApi('claimRequest').wasNotCalled();
`,
  },
  {
    name: 'passes the body on as it came, with the key, and answers what Connect answers',
    code: `
runCode(client);
assertApi('claimRequest').wasCalled();
assertThat(sent.url).isEqualTo('${endpoint}/v1/events/loja-abc');
assertThat(sent.body).isEqualTo(request.body);
assertThat(sent.options.headers['X-Connect-Key']).isEqualTo('key');
assertThat(sent.options.headers['User-Agent']).isNotEmpty();
assertApi('setResponseHeader').wasCalledWith('Access-Control-Allow-Origin', SITE);
assertApi('setResponseStatus').wasCalledWith(200);
assertApi('setResponseBody').wasCalledWith('{"accepted":1,"rejected":[]}');
assertApi('returnResponse').wasCalled();
assertApi('runContainer').wasNotCalled();
`,
  },
  {
    name: 'tells browsers to wait as long as Connect says',
    code: `
result = {statusCode: 503, headers: {'retry-after': '7'}, body: ''};
runCode(client);
assertApi('setResponseStatus').wasCalledWith(503);
assertApi('setResponseHeader').wasCalledWith('Retry-After', '7');
`,
  },
  {
    name: 'has browsers keep their events while the key is wrong',
    code: `
result = {statusCode: 403, headers: {}, body: ''};
runCode(client);
assertApi('setResponseStatus').wasCalledWith(503);
assertApi('setResponseHeader').wasCalledWith('Retry-After', '300');
`,
  },
  {
    name: 'has browsers keep their events while Connect does not answer',
    code: `
result = undefined;
runCode(client);
assertApi('setResponseStatus').wasCalledWith(503);
assertApi('setResponseHeader').wasCalledWith('Retry-After', '30');
`,
  },
  {
    name: 'refuses sites that are not listed',
    code: `
request.origin = 'https://elsewhere.example';
runCode(client);
assertApi('sendHttpRequest').wasNotCalled();
assertApi('setResponseStatus').wasCalledWith(403);
assertApi('setResponseHeader').wasNotCalledWith('Access-Control-Allow-Origin', 'https://elsewhere.example');
`,
  },
  {
    name: 'answers browsers that ask first',
    code: `
request.method = 'OPTIONS';
runCode(client);
assertApi('sendHttpRequest').wasNotCalled();
assertApi('setResponseStatus').wasCalledWith(204);
`,
  },
  {
    name: 'runs the container once for each accepted event before it answers',
    code: `
client.runContainer = true;
request.body = '{"events":[{"event":"purchase","ecommerce":{"value":5}},{"event":"generate_lead"}]}';
const seen = [];
mock('runContainer', (event, done) => { seen.push(event); done(); });
runCode(client);
assertThat(seen).hasLength(2);
assertThat(seen[0].event_name).isEqualTo('purchase');
assertThat(seen[0].value).isEqualTo(5);
assertThat(seen[0]['x-connect-forwarded']).isTrue();
assertThat(seen[1].event_name).isEqualTo('generate_lead');
assertApi('returnResponse').wasCalled();
`,
  },
  {
    name: 'does not run the container for what was not accepted',
    code: `
client.runContainer = true;
result = {statusCode: 400, headers: {}, body: ''};
runCode(client);
assertApi('runContainer').wasNotCalled();
assertApi('setResponseStatus').wasCalledWith(400);
`,
  },
  {
    name: 'serves the library from this domain',
    code: `
request.path = '/tag.js';
request.method = 'GET';
result = {statusCode: 200, headers: {'cache-control': 'public, max-age=300'}, body: 'code'};
runCode(client);
assertThat(sent.url).isEqualTo('${endpoint}/tag.js');
assertThat(sent.options.headers['User-Agent']).isNotEmpty();
assertApi('setResponseBody').wasCalledWith('code');
assertApi('setResponseHeader').wasCalledWith('Cache-Control', 'public, max-age=300');
`,
  },
]
