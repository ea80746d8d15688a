import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { stringify } from 'yaml'
import { encodePermissions, type Granted } from '../tag/gtm/permissions.ts'
import { runScenarios } from '../tag/gtm/scenarios.ts'
import { formatTemplate, type Template } from '../tag/gtm/template.ts'
import { testTemplates } from '../tag/gtm/test-template.ts'

const template = (code: string, scenario: string, granted: Granted = {}, setup = ''): Template => ({
  info: {
    type: 'TAG',
    id: 'cvt_temp_public_id',
    version: 1,
    securityGroups: [],
    displayName: 'Small',
    description: '',
    containerContexts: ['WEB'],
  },
  parameters: [],
  code,
  permissions: encodePermissions(granted),
  tests: stringify({ scenarios: [{ name: 'it', code: scenario }], setup }),
  notes: '',
})
/** What is wrong with the one scenario, or undefined. */
const run = (...args: Parameters<typeof template>) => runScenarios(template(...args))[0]?.problem

const READ = "const copyFromDataLayer = require('copyFromDataLayer');\nreturn copyFromDataLayer('event');"
const keys = (...keyPatterns: string[]): Granted => ({ read_data_layer: { allowedKeys: 'specific', keyPatterns } })

describe('permissions of scenarios', () => {
  test('a mocked API needs its permission like any other', () => {
    const scenario = "mock('copyFromDataLayer', 'purchase');\nassertThat(runCode({})).isEqualTo('purchase');"
    assert.match(String(run(READ, scenario)), /copyFromDataLayer needs the permission read_data_layer for "event"/)
    assert.equal(run(READ, scenario, keys('event')), undefined)
  })
  test('a mocked object needs its permission like any other', () => {
    const code = "const templateStorage = require('templateStorage');\ntemplateStorage.getItem('a');"
    const scenario = "mockObject('templateStorage', {getItem: () => 1});\nrunCode({});"
    assert.match(String(run(code, scenario)), /access_template_storage/)
    assert.equal(run(code, scenario, { access_template_storage: {} }), undefined)
  })
  test('a scenario itself needs none', () =>
    assert.equal(run('', "assertThat(require('copyFromDataLayer')('x')).isUndefined();"), undefined))
  test('queryPermission answers by the permissions of the template', () => {
    const code =
      "const queryPermission = require('queryPermission');\nreturn queryPermission('inject_script', data.url);"
    const granted = { inject_script: { urls: ['https://*.a.example/x/*'] } }
    const answers = (url: string, answer: string) =>
      run(code, `assertThat(runCode({url: '${url}'})).${answer}();`, granted)
    assert.equal(answers('https://b.a.example/x/tag.js', 'isTrue'), undefined)
    assert.equal(answers('https://a.example/x/tag.js', 'isTrue'), undefined)
    assert.equal(answers('https://b.a.example/y/tag.js', 'isFalse'), undefined)
    assert.equal(answers('http://a.example/x/tag.js', 'isFalse'), undefined)
    assert.equal(answers('https://a.example.evil.example/x/', 'isFalse'), undefined)
  })
})

describe('a scenario', () => {
  test('that asserts what is not so fails with what was there', () =>
    assert.match(String(run('return 1;', 'assertThat(runCode({})).isEqualTo(2);')), /1 fails "is equal to" 2/))
  test('may mock a function by the object that it answers', () => {
    const code = "const getAllEventData = require('getAllEventData');\nreturn getAllEventData().value;"
    const scenario = "mock('getAllEventData', {value: 5});\nassertThat(runCode({})).isEqualTo(5);"
    assert.equal(run(code, scenario, { read_event_data: { eventDataAccess: 'any' } }), undefined)
    assert.match(String(run(code, scenario)), /read_event_data/)
  })
  test('that calls fail fails', () => assert.equal(run('', "fail('so');"), 'so'))
  test('whose template throws fails', () => assert.match(String(run('data.a.b();', 'runCode({});')), /TypeError/))
  test('whose template never ends is stopped', () =>
    assert.match(String(run('while (true) {}', 'runCode({});')), /timed out/))
  test('counts keys without a value as absent', () =>
    assert.equal(run('return {a: 1, b: undefined};', 'assertThat(runCode({})).isEqualTo({a: 1});'), undefined))
  test('tells a key with a value from one without', () =>
    assert.match(String(run('return {a: 1, b: 0};', 'assertThat(runCode({})).isEqualTo({a: 1});')), /fails/))
  test('sees what a promise settled, at once', () => {
    const code = `const p = require('Promise');
p.all([p.create((ok) => ok(1)), 2]).then((all) => { data.seen(all); });
p.create((ok, no) => no('x')).then(() => data.seen('never')).catch((why) => data.seen(why));`
    const scenario = `const seen = [];
runCode({seen: (value) => { seen.push(value); }});
assertThat(seen).isEqualTo([[1, 2], 'x']);`
    assert.equal(run(code, scenario), undefined)
  })
  test('sees what callLater left for later', () =>
    assert.equal(
      run(
        "const callLater = require('callLater');\ncallLater(data.gtmOnSuccess);",
        "runCode({});\nassertApi('gtmOnSuccess').wasCalled();",
      ),
      undefined,
    ))
  test('has arguments as a list', () =>
    assert.equal(
      run(
        'return (function () { return arguments.map((a) => a + 1); })(1, 2);',
        'assertThat(runCode({})).isEqualTo([2, 3]);',
      ),
      undefined,
    ))
  test('gets copies, so that a template cannot change what it has passed on', () => {
    const code =
      "const createQueue = require('createQueue');\nconst entry = {a: 1};\ncreateQueue('q')(entry);\nentry.a = 2;"
    const scenario = `let seen;
mock('createQueue', () => (entry) => { seen = entry.a; });
runCode({});
assertThat(seen).isEqualTo(1);
assertApi('createQueue').wasCalledWith('q');
assertApi('createQueue').wasNotCalledWith('r');`
    const queue = { access_globals: { keys: [{ key: 'q', read: true, write: true, execute: false }] } }
    assert.equal(run(code, scenario, queue), undefined)
    const readOnly = { access_globals: { keys: [{ key: 'q', read: true, write: false, execute: false }] } }
    assert.match(String(run(code, scenario, readOnly)), /access_globals for "q" \(read, write\)/)
  })
  test('starts with what the setup says and none of an earlier mock', () => {
    const both = template(READ, '', keys('event'), "mock('copyFromDataLayer', 'a');")
    const scenarios = [
      { name: 'first', code: "mock('copyFromDataLayer', 'b');\nassertThat(runCode({})).isEqualTo('b');" },
      { name: 'second', code: "assertThat(runCode({})).isEqualTo('a');" },
    ]
    const tests = stringify({ scenarios, setup: "mock('copyFromDataLayer', 'a');" })
    assert.deepEqual(runScenarios({ ...both, tests }), [{ name: 'first' }, { name: 'second' }])
  })
  for (const name of ['Math', 'Date', 'JSON', 'Promise', 'globalThis', 'eval', 'window'])
    test(`has no ${name} that was not required`, () =>
      assert.match(String(run(`return ${name}.x;`, 'runCode({});')), /Error/))
  test('makes no code from text, by whatever it gets hold of', () => {
    const made = `const made = (value) => {
  try { return value.constructor.constructor('return 1')(); } catch (e) { return e.message; }
};`
    const code = `${made}
const api = require('parseUrl');
const promise = require('Promise').create((ok) => ok());
const held = [data, require, api, api('https://a.example/'), promise, promise.then, data.gtmOnSuccess, data.given];
try { require('readTitle')(); } catch (e) { held.push(e); }
held.push((function () { return this; })());
return held.map(made);`
    const scenario = `${made}
const held = [runCode, assertThat, assertThat(1).isTrue, assertApi('a'), require('sha256Sync'), Promise];
try { fail('so'); } catch (e) { held.push(e); }
const all = held.map(made).concat(runCode({given: () => 1}));
assertThat(all).hasLength(17);
all.forEach((result) => assertThat(result).contains('disallowed'));`
    assert.equal(run(code, scenario), undefined)
  })
  test('has no import', () =>
    assert.match(String(run("import('node:fs').catch((e) => e);", 'runCode({});')), /no import in the sandbox/))
  test('parses addresses, and undefined for what is none', () => {
    const code =
      "const parseUrl = require('parseUrl');\nreturn [parseUrl('https://a.example:8080/b?c=1&c=2&d=3#e'), parseUrl('b')];"
    const scenario = `const parts = runCode({})[0];
assertThat(parts.searchParams).isEqualTo({c: ['1', '2'], d: '3'});
assertThat([parts.host, parts.port, parts.pathname, parts.search, parts.hash]).isEqualTo(['a.example:8080', '8080', '/b', '?c=1&c=2&d=3', '#e']);
assertThat(runCode({})[1]).isUndefined();`
    assert.equal(run(code, scenario), undefined)
  })
  test('hashes and encodes', () => {
    const code = `const toBase64 = require('toBase64');
return [require('sha256Sync')('abc', {outputEncoding: 'hex'}), toBase64('é'), require('fromBase64')(toBase64('é'))];`
    const hash = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'
    assert.equal(run(code, `assertThat(runCode({})).isEqualTo(['${hash}', 'w6k=', 'é']);`), undefined)
  })
  test('parses what is not JSON as undefined', () =>
    assert.equal(
      run("const JSON = require('JSON');\nreturn JSON.parse('{');", 'assertThat(runCode({})).isUndefined();'),
      undefined,
    ))
})

describe('npm run gtm:test', () => {
  const files =
    (texts: { [name: string]: string }, use: (path: (name: string) => string) => Promise<void>) => async () => {
      const folder = mkdtempSync(join(tmpdir(), 'gtm-'))
      try {
        for (const [name, text] of Object.entries(texts)) writeFileSync(join(folder, name), text)
        await use(name => join(folder, name))
      } finally {
        rmSync(folder, { recursive: true })
      }
    }
  const good = formatTemplate(
    template(
      'data.gtmOnSuccess();\nif (data.a) data.gtmOnFailure();',
      "runCode({});\nassertApi('gtmOnSuccess').wasCalled();",
    ),
  )
  const bad = good.replace('wasCalled', 'wasNotCalled')

  test(
    'says which scenarios pass and ends well when all do',
    files({ 'good.tpl': good }, async path => {
      const lines: string[] = []
      assert.equal(await testTemplates([path('good.tpl')], line => lines.push(line)), 0)
      assert.match(lines.join('\n'), /ok: it\n {2}1 of 1 scenarios pass, 0 problems/)
    }),
  )
  test(
    'ends badly when one of several templates fails',
    files({ 'good.tpl': good, 'bad.tpl': bad, 'none.tpl': 'x' }, async path => {
      const lines: string[] = []
      assert.equal(await testTemplates([path('bad.tpl'), path('good.tpl')], line => lines.push(line)), 1)
      assert.match(lines.join('\n'), /not ok: it\n {4}gtmOnSuccess was called/)
      assert.equal(await testTemplates([path('none.tpl')], line => lines.push(line)), 1)
      assert.equal(await testTemplates([path('missing.tpl')], line => lines.push(line)), 1)
      assert.match(lines.join('\n'), /ENOENT/)
    }),
  )
  test('asks for a file', async () => assert.equal(await testTemplates([], () => {}), 2))
})
