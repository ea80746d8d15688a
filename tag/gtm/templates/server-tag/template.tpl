___TERMS_OF_SERVICE___

By creating or modifying this file you agree to Google Tag Manager's Community
Template Gallery Developer Terms of Service available at
https://developers.google.com/tag-manager/gallery-tos (or such other URL as
Google may provide), as modified from time to time.


___INFO___

{
  "type": "TAG",
  "id": "cvt_temp_public_id",
  "version": 1,
  "securityGroups": [],
  "displayName": "Connect - events of this server to CRMs",
  "categories": [
    "ANALYTICS",
    "CONVERSIONS",
    "LEAD_GENERATION"
  ],
  "brand": {
    "id": "brand_dummy",
    "displayName": "Connect"
  },
  "description": "Sends events that a GA4 or other client took in to the CRMs of your Connect installation.\n\nPT: Envia os eventos recebidos por um cliente GA4 ou outro aos CRMs da sua instalação do Connect.",
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
    "type": "RADIO",
    "name": "consentMode",
    "displayName": "Without consent / Sem consentimento",
    "simpleValueType": true,
    "defaultValue": "required",
    "radioItems": [
      {
        "value": "required",
        "displayValue": "Send nothing / Nada enviar"
      },
      {
        "value": "signal",
        "displayValue": "Send with the consent state / Enviar com o estado de consentimento"
      }
    ],
    "help": "Read from consent_state, or from what the Google tag sends in x-ga-gcs and x-ga-gcd. What none of them says is not a yes.\n\nPT: Lido de consent_state ou do que a tag do Google envia em x-ga-gcs e x-ga-gcd. O que nenhum deles diz não é um sim."
  },
  {
    "type": "CHECKBOX",
    "name": "ad_storage",
    "checkboxText": "ad_storage is needed / é necessário",
    "simpleValueType": true,
    "defaultValue": false,
    "enablingConditions": [
      {
        "paramName": "consentMode",
        "paramValue": "required",
        "type": "EQUALS"
      }
    ],
    "help": "Send nothing until ad_storage is granted.\n\nPT: Nada enviar até que ad_storage seja concedido."
  },
  {
    "type": "CHECKBOX",
    "name": "analytics_storage",
    "checkboxText": "analytics_storage is needed / é necessário",
    "simpleValueType": true,
    "defaultValue": true,
    "enablingConditions": [
      {
        "paramName": "consentMode",
        "paramValue": "required",
        "type": "EQUALS"
      }
    ],
    "help": "Send nothing until analytics_storage is granted.\n\nPT: Nada enviar até que analytics_storage seja concedido."
  },
  {
    "type": "CHECKBOX",
    "name": "ad_user_data",
    "checkboxText": "ad_user_data is needed / é necessário",
    "simpleValueType": true,
    "defaultValue": false,
    "enablingConditions": [
      {
        "paramName": "consentMode",
        "paramValue": "required",
        "type": "EQUALS"
      }
    ],
    "help": "Send nothing until ad_user_data is granted.\n\nPT: Nada enviar até que ad_user_data seja concedido."
  },
  {
    "type": "CHECKBOX",
    "name": "ad_personalization",
    "checkboxText": "ad_personalization is needed / é necessário",
    "simpleValueType": true,
    "defaultValue": false,
    "enablingConditions": [
      {
        "paramName": "consentMode",
        "paramValue": "required",
        "type": "EQUALS"
      }
    ],
    "help": "Send nothing until ad_personalization is granted.\n\nPT: Nada enviar até que ad_personalization seja concedido."
  },
  {
    "type": "SIMPLE_TABLE",
    "name": "extra",
    "displayName": "More fields / Mais campos",
    "newRowButtonText": "Add field / Adicionar campo",
    "help": "Sent with the event under the names given here. They win over what the event brings itself.\n\nPT: Enviados com o evento, com os nomes dados aqui. Prevalecem sobre o que o próprio evento traz.",
    "simpleTableColumns": [
      {
        "type": "TEXT",
        "name": "name",
        "displayName": "Name / Nome",
        "defaultValue": "",
        "isUnique": true,
        "valueValidators": [
          {
            "type": "NON_EMPTY"
          }
        ]
      },
      {
        "type": "TEXT",
        "name": "value",
        "displayName": "Value / Valor",
        "defaultValue": ""
      }
    ]
  }
]


___SANDBOXED_JS_FOR_SERVER___

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

const ENDPOINT = 'https://connect.example.com';
const KEYS = ['event_id', 'client_id', 'ga_session_id', 'user_id', 'user_data', 'page_location', 'page_referrer', 'page_title', 'currency', 'value', 'tax', 'shipping', 'coupon', 'transaction_id', 'items', 'item_list_id', 'item_list_name', 'promotion_id', 'promotion_name', 'creative_name', 'creative_slot', 'shipping_tier', 'payment_type', 'lead_source', 'lead_status', 'disqualified_lead_reason', 'unconvert_lead_reason', 'method', 'search_term'];
const CAMPAIGN = ['utm_source', 'utm_medium', 'utm_campaign', 'utm_term', 'utm_content', 'gclid', 'fbclid'];
const CONSENTS = ['ad_storage', 'analytics_storage', 'ad_user_data', 'ad_personalization'];
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
    state[type] = word(gcs.charAt(2 + i), '1', '0') || word(gcd.charAt(2 + 2 * i), 'nrtv', 'mpqu');
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


___SERVER_PERMISSIONS___

[
  {
    "instance": {
      "key": {
        "publicId": "read_event_data",
        "versionId": "1"
      },
      "param": [
        {
          "key": "eventDataAccess",
          "value": {
            "type": 1,
            "string": "specific"
          }
        },
        {
          "key": "keyPatterns",
          "value": {
            "type": 2,
            "listItem": [
              {
                "type": 1,
                "string": "consent_state"
              },
              {
                "type": 1,
                "string": "x-ga-gcs"
              },
              {
                "type": 1,
                "string": "x-ga-gcd"
              },
              {
                "type": 1,
                "string": "event_name"
              },
              {
                "type": 1,
                "string": "event_id"
              },
              {
                "type": 1,
                "string": "client_id"
              },
              {
                "type": 1,
                "string": "ga_session_id"
              },
              {
                "type": 1,
                "string": "user_id"
              },
              {
                "type": 1,
                "string": "user_data"
              },
              {
                "type": 1,
                "string": "page_location"
              },
              {
                "type": 1,
                "string": "page_referrer"
              },
              {
                "type": 1,
                "string": "page_title"
              },
              {
                "type": 1,
                "string": "currency"
              },
              {
                "type": 1,
                "string": "value"
              },
              {
                "type": 1,
                "string": "tax"
              },
              {
                "type": 1,
                "string": "shipping"
              },
              {
                "type": 1,
                "string": "coupon"
              },
              {
                "type": 1,
                "string": "transaction_id"
              },
              {
                "type": 1,
                "string": "items"
              },
              {
                "type": 1,
                "string": "item_list_id"
              },
              {
                "type": 1,
                "string": "item_list_name"
              },
              {
                "type": 1,
                "string": "promotion_id"
              },
              {
                "type": 1,
                "string": "promotion_name"
              },
              {
                "type": 1,
                "string": "creative_name"
              },
              {
                "type": 1,
                "string": "creative_slot"
              },
              {
                "type": 1,
                "string": "shipping_tier"
              },
              {
                "type": 1,
                "string": "payment_type"
              },
              {
                "type": 1,
                "string": "lead_source"
              },
              {
                "type": 1,
                "string": "lead_status"
              },
              {
                "type": 1,
                "string": "disqualified_lead_reason"
              },
              {
                "type": 1,
                "string": "unconvert_lead_reason"
              },
              {
                "type": 1,
                "string": "method"
              },
              {
                "type": 1,
                "string": "search_term"
              },
              {
                "type": 1,
                "string": "x-connect-forwarded"
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
        "publicId": "logging",
        "versionId": "1"
      },
      "param": [
        {
          "key": "environments",
          "value": {
            "type": 1,
            "string": "debug"
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
  - name: sends the event with key, id and time
    code: |-
      runCode(tag);
      assertThat(sent.url).isEqualTo('https://connect.example.com/v1/events/loja-abc');
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
  - name: keeps the id that the event has
    code: |-
      event.event_id = 'e-1';
      runCode(tag);
      assertThat(JSON.parse(bodies[0]).events[0].id).isEqualTo('e-1');
  - name: sends the very same again when it was not taken
    code: |-
      results.push({statusCode: 503});
      results.push({});
      runCode(tag);
      assertThat(bodies).hasLength(3);
      assertThat(bodies[1]).isEqualTo(bodies[0]);
      assertThat(bodies[2]).isEqualTo(bodies[0]);
      assertApi('gtmOnSuccess').wasCalled();
  - name: fails after three tries
    code: |-
      results.push({statusCode: 503});
      results.push({statusCode: 429});
      results.push({statusCode: 500});
      runCode(tag);
      assertThat(bodies).hasLength(3);
      assertApi('gtmOnFailure').wasCalled();
      assertApi('gtmOnSuccess').wasNotCalled();
  - name: does not repeat what is refused
    code: |-
      results.push({statusCode: 403});
      runCode(tag);
      assertThat(bodies).hasLength(1);
      assertApi('gtmOnFailure').wasCalled();
      assertApi('logToConsole').wasCalled();
  - name: reads the campaign from the address of the page, by the names of the library
    code: |-
      event.page_location = 'https://www.loja-abc.example/?utm_source=google&utm_medium=cpc&utm_campaign=ver%C3%A3o+2026&utm_term=caf%C3%A9&utm_content=a&gclid=G1&fbclid=F1&other=1';
      runCode(tag);
      assertThat(JSON.parse(bodies[0]).events[0].campaign).isEqualTo({source: 'google', medium: 'cpc', campaign: 'verão 2026', term: 'café', content: 'a', gclid: 'G1', fbclid: 'F1'});
      event.page_location = 'https://www.loja-abc.example/?utm_source=a&utm_source=b&gclid=';
      runCode(tag);
      assertThat(JSON.parse(bodies[1]).events[0].campaign).isEqualTo({source: 'b'});
      event.page_location = 'no address';
      runCode(tag);
      assertThat(JSON.parse(bodies[2]).events[0].campaign).isUndefined();
  - name: sends nothing without the consent that is needed
    code: |-
      for (const gcs in {G110: 1, G100: 1, 'G1--': 1, '': 1}) {
        event['x-ga-gcs'] = gcs;
        runCode(tag);
      }
      assertThat(bodies).isEmpty();
      assertApi('gtmOnSuccess').wasCalled();
  - name: needs each consent that is chosen, and takes none for given
    code: |-
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
  - name: believes the consent state before the short form of it
    code: |-
      event.consent_state = {analytics_storage: false, ad_storage: true};
      runCode(tag);
      assertThat(bodies).isEmpty();
  - name: sends with the state where consent only travels along
    code: |-
      tag.consentMode = 'signal';
      event['x-ga-gcs'] = 'G100';
      runCode(tag);
      assertThat(JSON.parse(bodies[0]).events[0].consent).isEqualTo({ad_storage: 'denied', analytics_storage: 'denied'});
  - name: leaves alone what the Connect client has passed on already
    code: |-
      event['x-connect-forwarded'] = true;
      runCode(tag);
      assertThat(bodies).isEmpty();
      assertApi('gtmOnSuccess').wasCalled();
  - name: adds the fields of its own form
    code: |-
      tag.extra = [{name: 'store', value: 'centro'}];
      runCode(tag);
      assertThat(JSON.parse(bodies[0]).events[0].store).isEqualTo('centro');
setup: |-
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


___NOTES___

Fires on whatever its triggers say. Events that browsers sent through the Connect client are not sent twice.
Written by a program from one source; changes made here are lost.
