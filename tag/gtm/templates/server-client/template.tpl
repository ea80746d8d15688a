___TERMS_OF_SERVICE___

By creating or modifying this file you agree to Google Tag Manager's Community
Template Gallery Developer Terms of Service available at
https://developers.google.com/tag-manager/gallery-tos (or such other URL as
Google may provide), as modified from time to time.


___INFO___

{
  "type": "CLIENT",
  "id": "cvt_temp_public_id",
  "version": 1,
  "securityGroups": [],
  "displayName": "Connect - first-party client",
  "categories": [
    "ANALYTICS",
    "CONVERSIONS",
    "LEAD_GENERATION"
  ],
  "brand": {
    "id": "brand_dummy",
    "displayName": "Connect"
  },
  "description": "Takes events from browsers on your own domain and passes them on to your Connect installation, with its answer.\n\nPT: Recebe eventos dos navegadores no seu próprio domínio e os repassa à sua instalação do Connect, com a resposta dela.",
  "containerContexts": [
    "SERVER"
  ]
}


___TEMPLATE_PARAMETERS___

[
  {
    "type": "TEXT",
    "name": "tenant",
    "displayName": "Tenant / Cliente",
    "simpleValueType": true,
    "valueHint": "loja-abc",
    "help": "The id of this customer in your Connect installation: lower-case letters, digits and hyphens.\n\nPT: O id deste cliente na sua instalação do Connect: letras minúsculas, dígitos e hífens.",
    "valueValidators": [
      {
        "type": "NON_EMPTY"
      },
      {
        "type": "REGEX",
        "args": [
          "^[a-z0-9-]{1,64}$"
        ],
        "errorMessage": "a-z, 0-9, -"
      }
    ]
  },
  {
    "type": "TEXT",
    "name": "serverKey",
    "displayName": "Server key / Chave de servidor",
    "simpleValueType": true,
    "help": "The key whose SHA-256 is among the serverKeyHashes of the tenant. It never reaches a browser.\n\nPT: A chave cujo SHA-256 está em serverKeyHashes do cliente. Nunca chega a um navegador.",
    "valueValidators": [
      {
        "type": "NON_EMPTY"
      }
    ]
  },
  {
    "type": "SIMPLE_TABLE",
    "name": "origins",
    "displayName": "Sites",
    "newRowButtonText": "Add site / Adicionar site",
    "help": "The sites that may send, as browsers write them: https://www.loja-abc.example, without a path.\n\nPT: Os sites que podem enviar, como os navegadores os escrevem: https://www.loja-abc.example, sem caminho.",
    "simpleTableColumns": [
      {
        "type": "TEXT",
        "name": "origin",
        "displayName": "Origin / Origem",
        "defaultValue": "",
        "isUnique": true,
        "valueValidators": [
          {
            "type": "REGEX",
            "args": [
              "^https?://[^/]+$"
            ],
            "errorMessage": "https://www.loja-abc.example"
          }
        ]
      }
    ]
  },
  {
    "type": "CHECKBOX",
    "name": "runContainer",
    "checkboxText": "Let other tags of this container see the events / Outras tags deste contêiner veem os eventos",
    "simpleValueType": true,
    "defaultValue": false,
    "help": "Runs the container once for each event that Connect has accepted. The Connect tag leaves these events alone.\n\nPT: Executa o contêiner uma vez para cada evento aceito pelo Connect. A tag do Connect ignora esses eventos."
  }
]


___SANDBOXED_JS_FOR_SERVER___

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

const ENDPOINT = 'https://connect.example.com';
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


___SERVER_PERMISSIONS___

[
  {
    "instance": {
      "key": {
        "publicId": "read_request",
        "versionId": "1"
      },
      "param": [
        {
          "key": "requestAccess",
          "value": {
            "type": 1,
            "string": "specific"
          }
        },
        {
          "key": "bodyAllowed",
          "value": {
            "type": 8,
            "boolean": true
          }
        },
        {
          "key": "pathAllowed",
          "value": {
            "type": 8,
            "boolean": true
          }
        },
        {
          "key": "headersAllowed",
          "value": {
            "type": 8,
            "boolean": true
          }
        },
        {
          "key": "headerAccess",
          "value": {
            "type": 1,
            "string": "specific"
          }
        },
        {
          "key": "headerWhitelist",
          "value": {
            "type": 2,
            "listItem": [
              {
                "type": 3,
                "mapKey": [
                  {
                    "type": 1,
                    "string": "headerName"
                  }
                ],
                "mapValue": [
                  {
                    "type": 1,
                    "string": "origin"
                  }
                ]
              }
            ]
          }
        }
      ]
    },
    "clientAnnotations": {
      "isEditedByUser": true
    },
    "isRequired": true
  },
  {
    "instance": {
      "key": {
        "publicId": "access_response",
        "versionId": "1"
      },
      "param": [
        {
          "key": "writeResponseAccess",
          "value": {
            "type": 1,
            "string": "any"
          }
        },
        {
          "key": "writeHeaderAccess",
          "value": {
            "type": 1,
            "string": "specific"
          }
        }
      ]
    },
    "clientAnnotations": {
      "isEditedByUser": true
    },
    "isRequired": true
  },
  {
    "instance": {
      "key": {
        "publicId": "return_response",
        "versionId": "1"
      },
      "param": []
    },
    "isRequired": true
  },
  {
    "instance": {
      "key": {
        "publicId": "run_container",
        "versionId": "1"
      },
      "param": []
    },
    "isRequired": true
  },
  {
    "instance": {
      "key": {
        "publicId": "send_http",
        "versionId": "1"
      },
      "param": [
        {
          "key": "allowedUrls",
          "value": {
            "type": 1,
            "string": "specific"
          }
        },
        {
          "key": "urls",
          "value": {
            "type": 2,
            "listItem": [
              {
                "type": 1,
                "string": "https://connect.example.com/v1/events/*"
              },
              {
                "type": 1,
                "string": "https://connect.example.com/tag.js"
              }
            ]
          }
        }
      ]
    },
    "clientAnnotations": {
      "isEditedByUser": true
    },
    "isRequired": true
  }
]


___TESTS___

scenarios:
  - name: leaves other paths to other clients
    code: |-
      request.path = '/g/collect';
      runCode(client);
      assertApi('claimRequest').wasNotCalled();
  - name: passes the body on as it came, with the key, and answers what Connect answers
    code: |-
      runCode(client);
      assertApi('claimRequest').wasCalled();
      assertThat(sent.url).isEqualTo('https://connect.example.com/v1/events/loja-abc');
      assertThat(sent.body).isEqualTo(request.body);
      assertThat(sent.options.headers['X-Connect-Key']).isEqualTo('key');
      assertThat(sent.options.headers['User-Agent']).isNotEmpty();
      assertApi('setResponseHeader').wasCalledWith('Access-Control-Allow-Origin', SITE);
      assertApi('setResponseStatus').wasCalledWith(200);
      assertApi('setResponseBody').wasCalledWith('{"accepted":1,"rejected":[]}');
      assertApi('returnResponse').wasCalled();
      assertApi('runContainer').wasNotCalled();
  - name: tells browsers to wait as long as Connect says
    code: |-
      result = {statusCode: 503, headers: {'retry-after': '7'}, body: ''};
      runCode(client);
      assertApi('setResponseStatus').wasCalledWith(503);
      assertApi('setResponseHeader').wasCalledWith('Retry-After', '7');
  - name: has browsers keep their events while the key is wrong
    code: |-
      result = {statusCode: 403, headers: {}, body: ''};
      runCode(client);
      assertApi('setResponseStatus').wasCalledWith(503);
      assertApi('setResponseHeader').wasCalledWith('Retry-After', '300');
  - name: has browsers keep their events while Connect does not answer
    code: |-
      result = undefined;
      runCode(client);
      assertApi('setResponseStatus').wasCalledWith(503);
      assertApi('setResponseHeader').wasCalledWith('Retry-After', '30');
  - name: refuses sites that are not listed
    code: |-
      request.origin = 'https://elsewhere.example';
      runCode(client);
      assertApi('sendHttpRequest').wasNotCalled();
      assertApi('setResponseStatus').wasCalledWith(403);
      assertApi('setResponseHeader').wasNotCalledWith('Access-Control-Allow-Origin', 'https://elsewhere.example');
  - name: answers browsers that ask first
    code: |-
      request.method = 'OPTIONS';
      runCode(client);
      assertApi('sendHttpRequest').wasNotCalled();
      assertApi('setResponseStatus').wasCalledWith(204);
  - name: runs the container once for each accepted event before it answers
    code: |-
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
  - name: does not run the container for what was not accepted
    code: |-
      client.runContainer = true;
      result = {statusCode: 400, headers: {}, body: ''};
      runCode(client);
      assertApi('runContainer').wasNotCalled();
      assertApi('setResponseStatus').wasCalledWith(400);
  - name: serves the library from this domain
    code: |-
      request.path = '/tag.js';
      request.method = 'GET';
      result = {statusCode: 200, headers: {'cache-control': 'public, max-age=300'}, body: 'code'};
      runCode(client);
      assertThat(sent.url).isEqualTo('https://connect.example.com/tag.js');
      assertThat(sent.options.headers['User-Agent']).isNotEmpty();
      assertApi('setResponseBody').wasCalledWith('code');
      assertApi('setResponseHeader').wasCalledWith('Cache-Control', 'public, max-age=300');
setup: |-
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


___NOTES___

Give web containers the address of the tagging server as endpoint, and browsers speak to no other domain.
Written by a program from one source; changes made here are lost.
