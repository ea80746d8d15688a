import assert from 'node:assert/strict'
import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { build, stop } from 'esbuild'
import { type Bundles, buildBundles } from '../components/bundle.ts'
import { UNDICI_DEFINES, undiciPlugin } from '../components/bundle-undici.ts'
import { connectors } from '../connectors/index.ts'
import type { Http } from '../functions/world.ts'

const root = join(import.meta.dirname, '..')
const names = Object.keys(connectors)
const tag = { source: 'console.log("tag")', version: '0a1b2c', map: '{"version":3,"names":["ofTheMap"]}' }
const elsewhere = mkdtempSync(join(tmpdir(), 'connect-'))
let bundles: Bundles

before(async () => {
  bundles = await buildBundles(root, names, tag)
})
after(() => rmSync(elsewhere, { recursive: true }))

const all = (of: Bundles): [name: string, source: string][] => [
  ['receive', of.receive.source],
  ['hooks', of.hooks.source],
  ['inbox', of.inbox.source],
  ...Object.entries(of.connectors).flatMap(([connector, functions]) =>
    Object.entries(functions).map(([name, { source }]): [string, string] => [`${connector}-${name}`, source]),
  ),
]

test('the same sources make the same bytes in another folder', async () => {
  for (const folder of ['core', 'connectors', 'functions'])
    cpSync(join(root, folder), join(elsewhere, folder), { recursive: true })
  cpSync(join(root, 'package.json'), join(elsewhere, 'package.json'))
  symlinkSync(join(root, 'node_modules'), join(elsewhere, 'node_modules'))
  const again = new Map(all(await buildBundles(elsewhere, names, tag)))
  for (const [name, source] of all(bundles)) assert.ok(again.get(name) === source, `${name} differs`)
})

test('no bundle names the folder that it was built in', () => {
  for (const [name, source] of all(bundles)) assert.ok(!source.includes(root), name)
})

// https://docs.aws.amazon.com/lambda/latest/dg/best-practices.html: what is loaded at a cold start is paid for
const LIMITS: Record<string, number> = {
  receive: 360_000,
  hooks: 360_000,
  inbox: 360_000,
  wake: 360_000,
  expire: 360_000,
  operate: 700_000,
  process: 700_000,
  refresh: 700_000,
}

test('bundles are small', () => {
  for (const [name, source] of all(bundles)) {
    const limit = LIMITS[name.split('-').at(-1)!]!
    assert.ok(Buffer.byteLength(source) <= limit, `${name} has ${Buffer.byteLength(source)} bytes, more than ${limit}`)
  }
})

test('no bundle carries a simulator', () => {
  for (const [name, source] of all(bundles)) assert.doesNotMatch(source, /tokensIssued/, name)
})

test('a bundle exports its handler', async () => {
  const file = join(elsewhere, 'wake.mjs')
  writeFileSync(file, bundles.connectors[names[0]!]!.wake.source)
  process.env.AWS_REGION ??= 'sa-east-1'
  const { handler } = await import(pathToFileURL(file).href)
  assert.equal(typeof handler, 'function')
})

test('receive serves the tag that it was bundled with', () => {
  assert.ok(bundles.receive.source.includes('0a1b2c'))
  assert.ok(bundles.receive.source.includes('ofTheMap'))
})

test('an unknown entry is an error, not an empty function', async () => {
  await assert.rejects(buildBundles(root, ['nobody'], tag), /nobody/)
})

test('the lean undici of the bundles sends and reads as the whole one does', async t => {
  const { outputFiles } = await build({
    entryPoints: [join(root, 'functions/aws/http.ts')],
    bundle: true,
    write: false,
    platform: 'node',
    format: 'esm',
    banner: { js: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);" },
    define: UNDICI_DEFINES,
    plugins: [undiciPlugin],
  })
  await stop()
  const file = join(elsewhere, 'http.mjs')
  writeFileSync(file, outputFiles[0]!.text)
  const { openHttp } = (await import(pathToFileURL(file).href)) as { openHttp(): Http }
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', chunk => {
      body += chunk
    })
    request.on('end', () => {
      const { method, url } = request
      response.writeHead(201, { 'content-type': 'application/json', 'x-seen': request.headers['x-mine'] ?? '' })
      response.end(JSON.stringify({ method, url, body }))
    })
  })
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done))
  t.after(() => server.close())
  const { port } = server.address() as { port: number }
  const http = openHttp()
  const limits = { timeoutMs: 5_000, signal: new AbortController().signal }
  const url = `http://127.0.0.1:${port}/a/b?c=d`
  const sent = { method: 'POST' as const, url, headers: { 'x-mine': 'yes', 'content-type': 'text/plain' }, body: 'olá' }
  const answer = await http.send(sent, limits)
  const read = await http.send({ method: 'GET', url, headers: {} }, limits)
  await http.close()
  assert.ok(answer.answered && read.answered)
  assert.deepEqual(
    [answer.status, answer.headers['x-seen'], answer.body],
    [201, 'yes', { method: 'POST', url: '/a/b?c=d', body: 'olá' }],
  )
  assert.deepEqual(read.body, { method: 'GET', url: '/a/b?c=d', body: '' })
})
