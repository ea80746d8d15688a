import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { ContainerFile, ContainerParameter } from '../tag/gtm/container-file.ts'
import type { Outputs } from '../tag/gtm/endpoint.ts'
import { make } from '../tag/gtm/make.ts'
import { decodePermissions } from '../tag/gtm/permissions.ts'
import { parseTemplate } from '../tag/gtm/template.ts'
import { validateContainer } from '../tag/gtm/validate.ts'

const KEY = 'a key of the tagging server'
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

let root = ''
const put = (path: string, text: string) => {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), text)
}
const container = (name: string, folder = 'out') =>
  JSON.parse(readFileSync(join(root, folder, `${name}-container.json`), 'utf8')) as ContainerFile

before(() => {
  root = mkdtempSync(join(tmpdir(), 'gtm-make-'))
  put('LICENSE', 'Apache-2.0')
  put(
    'Pulumi.dev.yaml',
    `config:
  connect:tenants:
    loja-abc: { origins: ["https://www.loja-abc.example"], serverKeyHashes: [${sha256(KEY)}] }
    clinica-sol: { origins: ["https://www.clinica-sol.example"] }
`,
  )
})
after(() => rmSync(root, { recursive: true }))

type Given = { outputs?: Outputs; env?: { [name: string]: string } }
async function run(line: string, given: Given = {}) {
  const said: string[] = []
  const code = await make(line.split(' ').filter(Boolean), {
    root,
    now: new Date('2026-11-20T12:00:00Z'),
    env: given.env ?? {},
    outputs: async () => given.outputs ?? { failed: 'pulumi is not installed' },
    out: text => said.push(text),
    err: text => said.push(text),
  })
  return { code, said: said.join('\n') }
}
const DEPLOYED = { outputs: { endpoint: 'https://d1.cloudfront.example' } }

/** Scripts that the container's first template may load. */
const scripts = (file: ContainerFile) => {
  const parsed = parseTemplate(file.containerVersion.customTemplate![0]!.templateData)
  assert.ok('template' in parsed)
  return decodePermissions(parsed.template.permissions).inject_script?.urls
}
const values = (parameters: readonly ContainerParameter[] = []) =>
  Object.fromEntries(parameters.map(({ key, value }) => [key, value]))

describe('npm run gtm', () => {
  test('writes containers for the endpoint of the deployed stack, which any importer takes', async () => {
    const { code, said } = await run('dev loja-abc --out out', DEPLOYED)
    assert.equal(code, 0)
    assert.match(said, /web-container\.json: import it in GTM/)
    for (const name of ['web', 'server'])
      assert.deepEqual(validateContainer(readFileSync(join(root, 'out', `${name}-container.json`), 'utf8')), [])
    assert.deepEqual(scripts(container('web')), ['https://d1.cloudfront.example/tag.js'])
    assert.equal(container('web').exportTime, '2026-11-20 12:00:00')
    const [tenant] = container('web').containerVersion.variable!
    assert.equal(values(tenant!.parameter).value, 'loja-abc')
  })

  test('fires on the GA4 events of shops and of leads, and on nothing else', async () => {
    await run('dev loja-abc --out out', DEPLOYED)
    const { tag = [], trigger = [] } = container('web').containerVersion
    const senders = tag.filter(({ parameter }) => values(parameter).action === 'event')
    assert.deepEqual(
      senders.map(({ firingTriggerId }) => firingTriggerId),
      [['20', '21']],
    )
    const patterns = trigger.map(each => new RegExp(values(each.customEventFilter![0]!.parameter).arg1!))
    const fires = (event: string) => patterns.filter(pattern => pattern.test(event)).length
    for (const event of ['view_item', 'add_to_cart', 'purchase', 'refund', 'generate_lead', 'sign_up'])
      assert.equal(fires(event), 1, event)
    for (const event of ['gtm.js', 'page_view', 'purchase_failed', 'my_purchase']) assert.equal(fires(event), 0, event)
  })

  test('loads the library on every page, with the consent settings of the other tags', async () => {
    await run('dev loja-abc --out out --consent strict --needs ad_user_data', DEPLOYED)
    const [library, events] = container('web').containerVersion.tag!
    assert.equal(library!.name, 'Connect - library')
    assert.deepEqual(library!.firingTriggerId, ['2147479573']) // Initialization - All Pages
    assert.deepEqual(library!.consentSettings, events!.consentSettings)
    const { action, userData, ...same } = values(events!.parameter)
    assert.deepEqual(values(library!.parameter), { ...same, action: 'load' })
    assert.deepEqual([action, userData], ['event', '{{Connect - user data}}'])
  })

  test('writes templates for a gallery of the agency, each in a folder of its own', async () => {
    await run('dev loja-abc --out out', DEPLOYED)
    for (const name of ['web', 'server-client', 'server-tag']) {
      assert.deepEqual(readdirSync(join(root, 'out/gallery', name)).sort(), [
        'LICENSE',
        'metadata.yaml',
        'template.tpl',
      ])
      assert.match(readFileSync(join(root, 'out/gallery', name, 'template.tpl'), 'utf8'), /d1\.cloudfront\.example/)
    }
  })

  test('puts what it writes where git does not look unless told otherwise', async () => {
    await run('dev clinica-sol', DEPLOYED)
    assert.equal(
      container('web', '.local/gtm/dev/clinica-sol').containerVersion.container.name,
      'Connect clinica-sol web',
    )
  })

  test('believes what is asked for before anything else', async () => {
    await run('dev loja-abc --out out --endpoint https://asked.example/', DEPLOYED)
    assert.deepEqual(scripts(container('web')), ['https://asked.example/tag.js'])
  })

  test('has browsers speak to the tagging server, and the tagging server to Connect', async () => {
    await run('dev loja-abc --out out --first-party https://sgtm.loja-abc.example', DEPLOYED)
    assert.deepEqual(scripts(container('web')), ['https://sgtm.loja-abc.example/tag.js'])
    const [client] = container('server').containerVersion.customTemplate!
    assert.match(client!.templateData, /ENDPOINT = 'https:\/\/d1\.cloudfront\.example'/)
    const origins = container('server').containerVersion.client![0]!.parameter!.find(({ key }) => key === 'origins')
    assert.deepEqual(
      origins?.list?.map(row => values(row.map).origin),
      ['https://www.loja-abc.example'],
    )
  })

  test('takes a running local stack where nothing is deployed, and says what that is good for', async () => {
    put(
      '.local/dev/running.json',
      JSON.stringify({ stack: 'dev', ingestUrl: 'http://127.0.0.1:8787', pid: process.pid }),
    )
    for (const stack of ['dev', 'local']) {
      const { code, said } = await run(`${stack} loja-abc --out local-out`)
      assert.equal(code, 0)
      assert.match(said, /what the demo shop runs.*\n.*\n.*for this machine only/)
      assert.deepEqual(scripts(container('web', 'local-out')), ['http://127.0.0.1:8787/tag.js'])
      assert.deepEqual(readdirSync(join(root, 'local-out')).sort(), ['server-container.json', 'web-container.json'])
    }
    rmSync(join(root, '.local/dev/running.json'))
  })

  test('takes no local stack of another name, and none whose process is gone', async () => {
    put('.local/a/running.json', JSON.stringify({ stack: 'other', ingestUrl: 'http://127.0.0.1:1', pid: process.pid }))
    put('.local/b/running.json', JSON.stringify({ stack: 'dev', ingestUrl: 'http://127.0.0.1:2', pid: 2 ** 30 }))
    const { code, said } = await run('dev loja-abc')
    assert.equal(code, 1)
    assert.match(said, /pulumi is not installed.*no local stack dev is running.*--endpoint/)
    rmSync(join(root, '.local/a'), { recursive: true })
    rmSync(join(root, '.local/b'), { recursive: true })
  })

  test('speaks of a tenant that is not there before it looks for the endpoint', async () => {
    for (const outputs of [{ failed: 'no stack' }, {}]) {
      const { code, said } = await run('dev nobody', { outputs })
      assert.equal(code, 1)
      assert.match(said, /^There is no tenant nobody/)
    }
  })

  test('says what was not deployed where the stack has no endpoint', async () => {
    assert.match((await run('dev loja-abc', { outputs: {} })).said, /no output "endpoint": deploy it/)
  })

  test('puts in a server key that is the tenant’s own, and no other', async () => {
    const keyOf = () => values(container('server').containerVersion.variable![1]!.parameter).value
    await run('dev loja-abc --out out', DEPLOYED)
    assert.match(keyOf()!, /put the server key/)
    assert.equal((await run('dev loja-abc --out out', { ...DEPLOYED, env: { CONNECT_SERVER_KEY: KEY } })).code, 0)
    assert.equal(keyOf(), KEY)
    const wrong = await run('dev loja-abc --out out', { ...DEPLOYED, env: { CONNECT_SERVER_KEY: 'other' } })
    assert.equal(wrong.code, 1)
    assert.match(wrong.said, /no key of loja-abc/)
    assert.doesNotMatch(wrong.said, /other/)
  })

  test('has GTM itself ask for consent only where the tag does not wait for it', async () => {
    for (const [consent, status, mode] of [
      ['wait', 'NOT_SET', 'wait'],
      ['signal', 'NOT_SET', 'signal'],
      ['strict', 'NEEDED', 'wait'],
    ]) {
      await run(`dev loja-abc --out out --consent ${consent} --needs analytics_storage,ad_user_data`, DEPLOYED)
      const [tag] = container('web').containerVersion.tag!
      assert.equal(tag!.consentSettings.consentStatus, status)
      assert.deepEqual(
        tag!.consentSettings.consentType?.list?.map(({ value }) => value),
        status === 'NEEDED' ? ['analytics_storage', 'ad_user_data'] : undefined,
      )
      const fields = values(tag!.parameter)
      assert.equal(fields.consentMode, mode)
      assert.deepEqual(
        [fields.analytics_storage, fields.ad_user_data, fields.ad_storage, fields.ad_personalization],
        ['true', 'true', 'false', 'false'],
      )
    }
  })

  test('the tagging server asks for the consents that were named', async () => {
    for (const [consent, mode] of [
      ['wait', 'required'],
      ['strict', 'required'],
      ['signal', 'signal'],
    ]) {
      await run(`dev loja-abc --out out --consent ${consent} --needs ad_storage,ad_user_data`, DEPLOYED)
      const { consentMode, analytics_storage, ad_storage, ad_user_data, ad_personalization } = values(
        container('server').containerVersion.tag![0]!.parameter,
      )
      assert.equal(consentMode, mode)
      assert.deepEqual(
        [analytics_storage, ad_storage, ad_user_data, ad_personalization],
        ['false', 'true', 'true', 'false'],
      )
    }
  })

  test('sends page views on request', async () => {
    await run('dev loja-abc --out out --page-views', DEPLOYED)
    const views = container('web').containerVersion.tag!.at(-1)!
    assert.deepEqual(views.firingTriggerId, ['2147479553'])
    assert.equal(values(views.parameter).eventName, 'page_view')
  })

  const refused: { [line: string]: [number, RegExp] } = {
    '': [2, /Which stack/],
    dev: [2, /Which stack/],
    'dev loja-abc more': [2, /Which stack/],
    'dev loja-abc --colour': [2, /--colour/],
    'dev loja-abc --consent never': [2, /wait, signal and strict/],
    'dev loja-abc --needs cookies': [2, /--needs cookies: there are ad_storage/],
    'dev nobody': [1, /no tenant nobody in Pulumi\.dev\.yaml: it has loja-abc, clinica-sol/],
    'dev constructor': [1, /no tenant constructor/],
    'test loja-abc': [1, /There is no stack test: Pulumi\.test\.yaml is missing/],
    'dev loja-abc --endpoint https://a.example/path': [1, /--endpoint says .* without a path/],
    'dev loja-abc --endpoint ftp://a.example': [1, /--endpoint says/],
    'dev loja-abc --endpoint http://a.example': [1, /https address/],
    'dev loja-abc --first-party nonsense': [1, /--first-party says/],
  }
  for (const [line, [code, words]] of Object.entries(refused))
    test(`says what is wrong with "${line}"`, async () => {
      const result = await run(line, DEPLOYED)
      assert.equal(result.code, code)
      assert.match(result.said, words)
    })

  test('explains itself', async () => {
    const { code, said } = await run('--help')
    assert.equal(code, 0)
    assert.match(said, /--first-party/)
  })
})
