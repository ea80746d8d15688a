import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type ContainerFile, type ContainerVersion, formatContainer } from '../tag/gtm/container-file.ts'
import { type Order, serverContainer, webContainer } from '../tag/gtm/containers.ts'
import { RULES, validateContainer } from '../tag/gtm/validate.ts'

const order: Order = {
  tenant: 'loja-abc',
  endpoint: 'https://connect.loja-abc.example',
  origins: ['https://www.loja-abc.example'],
  consent: 'strict',
  needs: ['analytics_storage'],
  pageViews: true,
  now: new Date('2026-11-20T12:00:00Z'),
}
/** Of the good file, whatever may be changed. */
// biome-ignore lint/suspicious/noExplicitAny: what is wrong with a file is what its type forbids
type Loose = { [key: string]: any }

const broken = (change: (version: Loose, file: Loose) => void, file: ContainerFile = webContainer(order)) => {
  const copy = structuredClone(file) as unknown as Loose
  change(copy.containerVersion, copy)
  return validateContainer(formatContainer(copy as unknown as ContainerFile))
}

/** For each rule, ways to break it and no other. */
const BREAKS: { readonly [rule: string]: readonly ((version: Loose, file: Loose) => void)[] } = {
  'format version': [(_, file) => Object.assign(file, { exportFormatVersion: 3 })],
  'export time': [
    (_, file) => Object.assign(file, { exportTime: '2026-11-20T12:00:00Z' }),
    (_, file) => delete file.exportTime,
  ],
  container: [
    version => Object.assign(version.container, { usageContext: ['web'] }),
    version => delete version.container.publicId,
    version => delete version.fingerprint,
  ],
  'ids are numbers in texts': [
    version => Object.assign(version.variable[1], { variableId: 31 }),
    version => Object.assign(version.variable[1], { variableId: 'x' }),
    version => Object.assign(version.container, { accountId: 'ACCOUNT_ID' }),
  ],
  'ids are unique': [version => Object.assign(version.variable[1], { variableId: '30' })],
  'names are unique': [version => Object.assign(version.trigger[1], { name: version.trigger[0].name })],
  'everything has a name': [version => delete version.trigger[0].name],
  'characters in names': [...':<>"\''].map(
    character => (version: Loose) => Object.assign(version.tag[0], { name: `a ${character} b` }),
  ),
  'ampersands in names': [version => Object.assign(version.folder[0], { name: 'IDs & keys' })],
  'known words': [
    version => Object.assign(version.variable[0].parameter[0], { type: 'template' }),
    version => Object.assign(version.tag[0], { tagFiringOption: 'oncePerEvent' }),
    version => Object.assign(version.builtInVariable[0], { type: 'VIDEO_ELAPSED_TIME' }),
    version => version.trigger.push({ ...version.trigger[0], triggerId: '99', name: 'x', type: 'pageview' }),
    version => Object.assign(version.trigger[0].customEventFilter[0], { type: 'matchRegex' }),
    version =>
      Object.assign(version.tag[0].consentSettings, { consentStatus: 'needed' }) &&
      delete version.tag[0].consentSettings.consentType,
  ],
  parameters: [
    version => version.tag[0].parameter.push({ type: 'BOOLEAN', key: 'x', value: true }),
    version => version.tag[0].parameter.push({ type: 'BOOLEAN', key: 'x', value: 'yes' }),
    version => version.tag[0].parameter.push({ type: 'INTEGER', key: 'x', value: '1.5' }),
    version => version.tag[0].parameter.push({ type: 'TEMPLATE', key: 'x', list: [] }),
    version => version.tag[0].parameter.push({ type: 'LIST', key: 'x', map: [] }),
  ],
  'empty values': [version => version.tag[0].parameter.push({ type: 'TEMPLATE', key: 'x', value: '' })],
  'triggers of tags': [
    version => version.tag[0].firingTriggerId.push('77'),
    version => Object.assign(version.tag[0], { blockingTriggerId: ['2147479554'] }),
  ],
  folders: [version => Object.assign(version.variable[0], { parentFolderId: '9' })],
  'types of templates': [
    version => Object.assign(version.tag[0], { type: 'cvt_0_9' }),
    version => Object.assign(version.tag[0], { type: 'cvt_123_1' }),
  ],
  variables: [version => version.tag[0].parameter.push({ type: 'TEMPLATE', key: 'x', value: 'a {{Gone}} b' })],
  'custom event triggers': [
    version => version.trigger[0].customEventFilter.push(version.trigger[0].customEventFilter[0]),
    version => delete version.trigger[0].customEventFilter,
    version => Object.assign(version.trigger[0].customEventFilter[0].parameter[0], { value: '{{Event}}' }),
    version => delete version.trigger[0].customEventFilter[0].parameter[1].value,
  ],
  'consent settings': [
    version => delete version.tag[0].consentSettings.consentType,
    version => Object.assign(version.tag[0].consentSettings.consentType, { list: [] }),
    version => Object.assign(version.tag[0].consentSettings, { consentStatus: 'NOT_SET' }),
  ],
  'consent that only travels along': [
    version =>
      Object.assign(
        version.tag[0].parameter.find(({ key }: { key: string }) => key === 'consentMode'),
        { value: 'signal' },
      ),
  ],
  'monitoring metadata': [version => Object.assign(version.tag[0], { monitoringMetadata: { type: 'LIST' } })],
  'parameters of variables': [version => delete version.variable[0].parameter],
  'kind of container': [
    version => Object.assign(version, { transformation: [entity({ transformationId: '60', name: 'T' })] }),
    version =>
      version.variable.push(
        entity({
          variableId: '61',
          name: 'E',
          type: 'ed',
          parameter: [{ type: 'TEMPLATE', key: 'keyPath', value: 'x' }],
        }),
      ),
    version => Object.assign(version, { client: [entity({ clientId: '62', name: 'C', type: 'gaaw_client' })] }),
  ],
  'old JavaScript': [
    version => version.variable.push(custom('function () { const a = 1; return a }')),
    version => version.variable.push(custom('function () { return [1].map(a => a) }')),
    version => version.tag.push({ ...version.tag[0], ...html('<script>var a = `b`</script>') }),
  ],
  'template text': [
    version => Object.assign(version.customTemplate[0], { templateData: 'x' }),
    version =>
      Object.assign(version.customTemplate[0], { templateData: `\uFEFF${version.customTemplate[0].templateData}` }),
    version =>
      Object.assign(version.customTemplate[0], {
        templateData: version.customTemplate[0].templateData.replace('\n', '\r\n'),
      }),
  ],
  'templates that GTM accepts': [
    version =>
      Object.assign(version.customTemplate[0], {
        templateData: version.customTemplate[0].templateData.replace('connect.loja-abc.example', 'elsewhere.example'),
      }),
  ],
}

const entity = (own: object) => ({ accountId: '0', containerId: '0', fingerprint: '0', ...own })
const custom = (javascript: string) =>
  entity({
    variableId: '63',
    name: 'Custom',
    type: 'jsm',
    parameter: [{ type: 'TEMPLATE', key: 'javascript', value: javascript }],
  })
const html = (value: string) => ({
  tagId: '64',
  name: 'Html',
  type: 'html',
  parameter: [{ type: 'TEMPLATE', key: 'html', value }],
})

describe('the validator of container files', () => {
  for (const [name, changes] of Object.entries(BREAKS))
    test(`has a rule on ${name}, and finds what breaks it`, () => {
      for (const change of changes) {
        const found = new Set(broken(change).map(({ rule }) => rule))
        assert.deepEqual([...found], [name], String(change))
      }
    })

  test('has no rule that nothing here breaks', () =>
    assert.deepEqual(
      RULES.map(({ name }) => name).filter(name => !(name in BREAKS)),
      [],
    ))

  test('asks for plain ASCII', () => {
    const text = formatContainer(webContainer(order))
    assert.match(text, /\\u00e7/)
    assert.deepEqual(
      validateContainer(text.replace('\\u00e7', 'ç')).map(({ rule }) => rule),
      ['ascii'],
    )
  })

  test('takes no archive, no text that is not JSON, and no JSON that is no container', () => {
    for (const text of ['PK\u0003\u0004', '{', 'null', '{}', '{"containerVersion":null}'])
      assert.deepEqual(
        validateContainer(text).map(({ rule, level }) => [rule, level]),
        [['json', 'refused']],
        text,
      )
  })

  test('keeps scripts for pages out of server containers', () => {
    const server = serverContainer(order)
    const found = broken(version => version.variable.push(custom('function () { return 1 }')), server)
    assert.deepEqual(
      found.map(({ rule }) => rule),
      ['kind of container'],
    )
    const foreign = broken(version => {
      version.customTemplate[0].templateData = webContainer(order).containerVersion.customTemplate?.[0]?.templateData
    }, server)
    assert.deepEqual(
      foreign.map(({ problem }) => problem),
      ['template "Connect - first-party client" is not for SERVER'],
    )
  })

  test('takes templates of the gallery under the name that the gallery gave them', () => {
    const found = broken(version => {
      Object.assign(version.customTemplate[0], { galleryReference: { galleryTemplateId: '5TP8W' } })
      for (const tag of version.tag) tag.type = 'cvt_5TP8W'
    })
    assert.deepEqual(found, [])
  })

  test('a file without tags, triggers and variables is a good one', () => {
    const found = broken(version => {
      for (const key of ['tag', 'trigger', 'variable', 'folder', 'builtInVariable', 'customTemplate'])
        delete version[key]
    })
    assert.deepEqual(found, [])
  })

  for (const consent of ['wait', 'signal', 'strict'] as const)
    for (const make of [webContainer, serverContainer])
      test(`finds nothing in the ${make.name} of a tenant with consent ${consent}`, () => {
        const file: ContainerFile = make({ ...order, consent })
        const version: ContainerVersion = file.containerVersion
        assert.ok(version.tag?.length && version.customTemplate?.length)
        assert.deepEqual(validateContainer(formatContainer(file)), [])
      })
})
