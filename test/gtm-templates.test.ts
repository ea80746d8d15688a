import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { analyse } from '../tag/gtm/analyse.ts'
import { checkTemplate } from '../tag/gtm/check-template.ts'
import { staleTemplates } from '../tag/gtm/generate.ts'
import { decodePermissions, encodePermissions, type Granted, type Plain } from '../tag/gtm/permissions.ts'
import { runScenarios } from '../tag/gtm/scenarios.ts'
import { buildTemplate, sources } from '../tag/gtm/source/index.ts'
import { formatTemplate, type Parameter, parseTemplate, type Template } from '../tag/gtm/template.ts'

const ENDPOINT = 'https://connect.loja-abc.example'
const templates = sources(ENDPOINT).map(source => ({ name: source.name, template: buildTemplate(source) }))
const failures = (template: Template) => runScenarios(template).filter(({ problem }) => problem !== undefined)

test('the kept templates are what the sources say', async () => {
  assert.deepEqual(await staleTemplates(), [])
})

test('a kept template that is gone or old is named', async () => {
  const stale = await staleTemplates('/nowhere')
  assert.equal(stale.length, 6)
  assert.ok(stale.includes('web/template.tpl'))
})

for (const { name, template } of templates)
  describe(`template ${name}`, () => {
    test('nothing in it would be refused', () => assert.deepEqual(checkTemplate(formatTemplate(template)), []))

    test('its scenarios pass', () => {
      assert.ok(runScenarios(template).length >= 10)
      assert.deepEqual(failures(template), [])
    })

    test('no permission can be taken away without a scenario noticing', () => {
      const less = smaller(decodePermissions(template.permissions))
      assert.ok(less.length >= 3)
      for (const { without, granted } of less) {
        const failed = failures({ ...template, permissions: encodePermissions(granted) })
        assert.ok(failed.length, `${name} passes its tests without ${without}`)
      }
    })

    test('it is read back as it was written', () => {
      const parsed = parseTemplate(`\uFEFF${formatTemplate(template).replaceAll('\n', '\r\n')}`)
      assert.ok('template' in parsed)
      assert.equal(formatTemplate(parsed.template), formatTemplate(template))
    })

    test('every field that can be filled in explains itself in English and Portuguese', () => {
      const visit = ({ type, name: field, help, subParams = [] }: Parameter) => {
        if (type !== 'GROUP') assert.match(String(help), /^[\s\S]+\n\nPT: [\s\S]+$/, field)
        subParams.forEach(visit)
      }
      template.parameters.forEach(visit)
    })
  })

/** The same permissions with one thing less, in every way. */
function smaller(granted: Granted): { without: string; granted: Granted }[] {
  return Object.entries(granted).flatMap(([id, params]) => {
    const { [id]: _, ...others } = granted
    const shorter = Object.entries(params).flatMap(([key, value]) =>
      lessOf(value).map(({ gone, left }) => ({
        without: `${id} ${key} ${gone}`,
        granted: { ...granted, [id]: { ...params, [key]: left } },
      })),
    )
    return [{ without: id, granted: others }, ...shorter]
  })
}

const lessOf = (value: Plain): { gone: string; left: Plain }[] => {
  if (Array.isArray(value))
    return value.map((each, i) => ({ gone: JSON.stringify(each), left: value.filter((_, other) => other !== i) }))
  return value === true ? [{ gone: 'true', left: false }] : []
}

const plain = (code: string, granted: Granted = {}): string =>
  formatTemplate({
    ...templates[0]!.template,
    code: `${code}\ndata.gtmOnSuccess();\ndata.gtmOnFailure();`,
    permissions: encodePermissions(granted),
    tests: 'scenarios: []',
  })

describe('the check of a template', () => {
  const sandboxed = {
    'a class': 'class A {}',
    new: 'const a = new Thing();',
    'a template literal': 'const a = `b`;',
    'a regular expression': 'const a = /b/;',
    try: 'try { data.a(); } catch (e) { data.b(); }',
    destructuring: 'const {a} = data;',
    spread: 'data.a(...data.b);',
    'optional chaining': 'data.a?.b();',
    'a default': 'const f = (a = 1) => a;',
    'a shorthand': 'const a = 1; const b = {a};',
    this: 'data.a = this;',
    async: 'const f = async () => 1;',
    'a global of the page': 'window.x = 1;',
    'an API that is not there': "const fetch = require('fetch');",
    'broken syntax': 'const = 1;',
  }
  for (const [what, code] of Object.entries(sandboxed))
    test(`finds ${what} in the code`, () => assert.notDeepEqual(checkTemplate(plain(code)), []))

  const SEND = "const sendPixel = require('sendPixel');\nsendPixel('https://a.example/p');"
  const pixels = (...urls: string[]): Granted => ({ send_pixel: { allowedUrls: 'specific', urls } })

  test('is content with a permission that is exactly used', () =>
    assert.deepEqual(checkTemplate(plain(SEND, pixels('https://a.example/p'))), []))
  test('finds a permission that is missing', () =>
    assert.deepEqual(checkTemplate(plain(SEND, pixels('https://b.example/p'))), [
      'the code needs permission send_pixel for https://a.example/p',
    ]))
  test('finds a permission that is larger than its use', () => {
    for (const granted of [pixels('https://a.example/p', 'https://b.example/'), { send_pixel: { allowedUrls: 'any' } }])
      assert.deepEqual(checkTemplate(plain(SEND, granted)), ['permission send_pixel grants more than the code uses'])
  })
  test('finds a permission that is not used', () =>
    assert.deepEqual(checkTemplate(plain('', { read_title: {} })), ['permission read_title is not used by the code']))
  test('an address that is made when the code runs needs the permission for what is not known of it', () => {
    const code = SEND.replace("'https://a.example/p'", "'https://a.example/' + data.path")
    assert.deepEqual(checkTemplate(plain(code, pixels('https://a.example/*'))), [])
    assert.notDeepEqual(checkTemplate(plain(code, pixels('https://a.example/p'))), [])
  })
  test('what only a form knows is left to the run, but not without any permission', () => {
    for (const code of [
      "const copyFromDataLayer = require('copyFromDataLayer');\n['a'].map(copyFromDataLayer);",
      "const copyFromDataLayer = require('copyFromDataLayer');\ncopyFromDataLayer(data.key);",
    ]) {
      const granted = { read_data_layer: { allowedKeys: 'specific', keyPatterns: ['a'] } }
      assert.deepEqual(checkTemplate(plain(code, granted)), [])
      assert.deepEqual(checkTemplate(plain(code)), ['the code needs permission read_data_layer for *'])
    }
  })
  test('our own templates leave nothing to the run', () => {
    for (const { template } of templates) {
      const unsure = analyse(template.code).uses.filter(use => use.unsure)
      assert.deepEqual(unsure, [])
    }
  })

  test('finds an address that GTM does not take', () => {
    for (const url of ['http://a.example/p', 'https://a.example', '//a.example/p']) {
      const found = checkTemplate(plain(SEND.replaceAll('https://a.example/p', url), pixels(url)))
      assert.match(found.join(), new RegExp(`names ${url}:`))
    }
  })

  const wrong: { [what: string]: [(text: string) => string, RegExp] } = {
    'a section that comes twice': [text => `${text}\n___NOTES___\n`, /twice/],
    'no terms of service': [text => text.replace('___TERMS_OF_SERVICE___', ''), /TERMS_OF_SERVICE/],
    'INFO that is not JSON': [text => text.replace('"version": 1,', '"version": 1,,'), /___INFO___ is not JSON/],
    'tests that are not YAML': [text => text.replace('scenarios: []', 'scenarios: ['), /not YAML/],
    'a full stop in the name of a scenario': [
      text => text.replace('scenarios: []', 'scenarios:\n- name: a. b\n  code: fail()'),
      /characters that GTM refuses/,
    ],
    'a NUL': [text => text.replace('Queues', 'Que\0ues'), /control character/],
    'a category that is not one': [text => text.replace('"CONVERSIONS"', '"SHOPS"'), /no category SHOPS/],
    'two fields of one name': [text => text.replace('"name": "eventName"', '"name": "tenant"'), /two fields/],
    'code that never says that it is done': [text => text.replace('data.gtmOnFailure();', ''), /gtmOnFailure/],
  }
  for (const [what, [change, problem]] of Object.entries(wrong))
    test(`finds ${what}`, () => assert.match(checkTemplate(change(plain(''))).join('\n'), problem))
})
