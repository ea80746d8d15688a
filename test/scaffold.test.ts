import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { promisify } from 'node:util'
import { cruise, type IReporterOutput, type IRuleSetType } from 'dependency-cruiser'
import { newConnector } from '../local/new-connector.ts'
import { makeConnector } from '../local/scaffold/make.ts'

const ROOT = join(import.meta.dirname, '..')
const SHORTEST = 'zo'
const NAME = 'zoho'
const LONGEST = 'abcdefghijklmnopqrst'
/** What the connectors and their suite consist of, and what checks them. */
const NEEDED =
  'biome.json components connectors core functions local package.json test/connectors.test.ts test/tools tsconfig.json'

suite('a new connector', () => {
  let root: string
  before(async () => {
    root = await copyOfTheProject()
    for (const name of [NAME, SHORTEST, LONGEST])
      assert.deepEqual(Object.keys(await makeConnector(root, name)), ['files'])
  })
  after(() => rm(root, { recursive: true }))

  test('is registered in alphabetical order and keeps every rule of the shared suite', async () => {
    const registry = await readFile(join(root, 'connectors', 'index.ts'), 'utf8')
    const lines = (pattern: RegExp) => [...registry.matchAll(pattern)].map(([, name]) => name)
    const names = (await readdir(join(ROOT, 'connectors'), { withFileTypes: true }))
      .filter(entry => entry.isDirectory())
      .map(({ name }) => name)
    const all = [...names, NAME, SHORTEST, LONGEST].sort()
    assert.deepEqual(lines(/^import \{ (\w+) \} from '\.\/\1\/index\.ts'$/gm), all)
    assert.deepEqual(lines(/^ {2}(\w+),$/gm), all)

    const { code, out } = await run(['node', '--test', '--test-name-pattern', NAME, 'test/connectors.test.ts'], root)
    assert.equal(code, 0, out)
    assert.match(out, /zoho is registered under its own name/)
    assert.match(out, /every rule of the error table is reached by a case/)
    const passed = Number(/pass (\d+)/.exec(out)?.[1])
    assert.ok(passed >= 34, out)
  })

  test('is formatted, linted and typed, however long its name', async () => {
    const folders = [NAME, SHORTEST, LONGEST].map(name => `connectors/${name}`)
    const [format, types] = await Promise.all([
      run([bin('biome'), 'ci', '--vcs-enabled=false', '--error-on-warnings', 'connectors/index.ts', ...folders], root),
      run([bin('tsc'), '-p', 'tsconfig.connector.json'], root),
    ])
    assert.deepEqual(
      { code: format.code, files: /Checked (\d+) files/.exec(format.out)?.[1] },
      { code: 0, files: '22' },
      format.out,
    )
    assert.equal(types.code, 0, types.out)
  })

  test('imports the contract and nothing else', async () => {
    const { forbidden, options } = JSON.parse(await readFile(join(ROOT, '.dependency-cruiser.json'), 'utf8'))
    const { tsConfig: _, ...rest } = options
    const { output }: IReporterOutput = await cruise([`connectors/${NAME}`], {
      ...rest,
      baseDir: root,
      validate: true,
      ruleSet: { forbidden } as IRuleSetType,
    })
    if (typeof output === 'string') return assert.fail(output)
    assert.deepEqual(
      output.summary.violations.map(({ from, to, rule }) => `${rule.name}: ${from} -> ${to}`),
      [],
    )
    assert.ok(output.summary.totalCruised >= 9)
  })

  test('has a page whose table of settings is that of its schema', async () => {
    const check = () => run(['node', 'local/settings-tables.ts', '--check'], root)
    assert.deepEqual(await check(), { code: 0, out: '' })
    const page = join(root, 'connectors', NAME, 'README.md')
    const written = await readFile(page, 'utf8')
    await writeFile(page, written.replace('| `list` | required |', '| `list` | |'))
    const { code, out } = await check()
    assert.deepEqual(
      [code, out],
      [1, 'connectors/zoho/README.md is stale: run `npm run generate` and commit what it writes\n'],
    )
    await writeFile(page, written)
  })

  test('is tried like every other', async () => {
    const { code, out } = await run(['node', 'local/try.ts', NAME, '1', '--json'], root)
    assert.equal(code, 0, out)
    const { requests, outcomes } = JSON.parse(out)
    assert.equal(requests[0].request.url, 'https://api.zoho.example/v1/lists/shop/people')
    assert.deepEqual(Object.keys(outcomes), ['ana', 'rui', 'eva'])
  })

  test('leaves nothing of the model behind', async () => {
    for (const file of await readdir(join(root, 'connectors', NAME)))
      assert.doesNotMatch(
        await readFile(join(root, 'connectors', NAME, file), 'utf8'),
        /sample|\.\.\/\.\.\/\.\.\//i,
        file,
      )
  })

  const refused: readonly [name: string, because: RegExp][] = [
    ['Zoho', /^"Zoho" cannot be a folder, a table and a part of a URL at once: write 2 to 20 lower-case letters/],
    ['z', /write 2 to 20 lower-case letters/],
    ['zoho-crm', /write 2 to 20 lower-case letters/],
    ['../etc', /write 2 to 20 lower-case letters/],
    [`${LONGEST}u`, /write 2 to 20 lower-case letters/],
    ['rdstation', /^There is a connector "rdstation" already/],
    ['delete', /^"delete" is a word that the program itself uses/],
    ['await', /is a word that the program itself uses/],
    ['constructor', /is a word that the program itself uses/],
    ['undefined', /is a word that the program itself uses/],
    ['rules', /is a word that the program itself uses/],
    ['connectors', /is a word that the program itself uses/],
    ['webhooks', /is a word that the program itself uses/],
  ]
  for (const [name, because] of refused)
    test(`named "${name}" is refused in one sentence, and nothing is written`, async () => {
      const folders = await readdir(join(root, 'connectors'))
      const registry = await readFile(join(root, 'connectors', 'index.ts'), 'utf8')
      const said = await say(root, name)
      assert.equal(said.code, 1)
      assert.match(said.err, because)
      assert.equal(said.err.split('\n').length, 1)
      assert.deepEqual(await readdir(join(root, 'connectors')), folders)
      assert.equal(await readFile(join(root, 'connectors', 'index.ts'), 'utf8'), registry)
    })

  test('that could not be registered leaves no folder', async () => {
    const odd = await mkdtemp(join(tmpdir(), 'connect-odd-'))
    await mkdir(join(odd, 'connectors'))
    await cp(join(ROOT, 'biome.json'), join(odd, 'connectors', 'index.ts'))
    await assert.rejects(makeConnector(odd, NAME), /has not the form that new-connector knows/)
    assert.deepEqual(await readdir(join(odd, 'connectors')), ['index.ts'])
    await rm(odd, { recursive: true })
  })

  test('needs a name, and one only', async () => {
    for (const argv of [[], ['zoho', 'crm'], ['--force']]) {
      const { code, err } = await say(root, ...argv)
      assert.equal(code, 2)
      assert.match(err, /^Usage: npm run new-connector <name>/)
    }
    assert.equal((await say(root, '--help')).code, 0)
  })
})

async function copyOfTheProject(): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'connect-scaffold-'))
  for (const path of NEEDED.split(' ')) await cp(join(ROOT, path), join(root, path), { recursive: true })
  await symlink(join(ROOT, 'node_modules'), join(root, 'node_modules'))
  const connectorOnly = {
    extends: './tsconfig.json',
    include: [NAME, SHORTEST, LONGEST].map(name => `connectors/${name}`),
  }
  await writeFile(join(root, 'tsconfig.connector.json'), JSON.stringify(connectorOnly))
  return root
}

async function say(root: string, ...argv: string[]) {
  const out: string[] = []
  const err: string[] = []
  const code = await newConnector(argv, { root, out: text => out.push(text), err: text => err.push(text) })
  return { code, out: out.join('\n'), err: err.join('\n') }
}

const bin = (name: string) => join(ROOT, 'node_modules', '.bin', name)

/** Under a test runner of its own, `node --test` would report to this one. */
async function run([file = '', ...argv]: readonly string[], cwd: string): Promise<{ code: number; out: string }> {
  const { NODE_TEST_CONTEXT: _, ...env } = process.env
  try {
    const { stdout, stderr } = await promisify(execFile)(file, argv, { cwd, env })
    return { code: 0, out: `${stdout}${stderr}` }
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string }
    return { code, out: `${stdout}${stderr}` }
  }
}
