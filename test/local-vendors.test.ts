import assert from 'node:assert/strict'
import http from 'node:http'
import { after, before, test } from 'node:test'
import type { Simulator, Vendor, VendorAnswer } from '../core/simulator.ts'
import { openVendors, type Vendors } from '../local/vendors.ts'

const vendor: Vendor = {
  handle: async request => (typeof answer === 'function' ? answer(request.url) : answer),
  received: [],
  mode: 'up',
  expireTokens() {},
  tokensIssued: 0,
}
const simulator = {
  hosts: ['api.acme.example'],
  settings: {},
  credentials: () => ({}),
  vendor: () => vendor,
  cases: [],
} satisfies Simulator<object>
let answer: VendorAnswer | ((url: string) => VendorAnswer)
let vendors: Vendors
before(async () => {
  vendors = await openVendors(new Map([['acme', simulator]]))
})
after(() => vendors.close())

/** Status and body of what the vendor answers, or the code of the failure. */
const call = (path = '/', signal?: AbortSignal) =>
  new Promise<[number, string] | string>(told => {
    const options = {
      host: '127.0.0.1',
      port: vendors.routes['api.acme.example'],
      path,
      agent: false,
      headers: { host: 'api.acme.example' },
      ...(signal && { signal }),
    }
    http
      .get(options, response => {
        const chunks: Buffer[] = []
        response.on('data', chunk => chunks.push(chunk))
        response.on('end', () => told([response.statusCode ?? 0, Buffer.concat(chunks).toString()]))
      })
      .on('error', (error: NodeJS.ErrnoException) => told(error.code ?? error.name))
  })

test('a fake sees the https address that the connector wrote', async () => {
  answer = url => ({ status: 201, body: { url } })
  assert.deepEqual(await call('/a?b=1'), [201, '{"url":"https://api.acme.example/a?b=1"}'])
})

test('a reset is a reset on the wire', async () => {
  answer = 'reset'
  assert.equal(await call(), 'ECONNRESET')
})

test('a hanging vendor never answers', async () => {
  answer = 'hang'
  const patience = new AbortController()
  const waiting = call('/', patience.signal)
  setImmediate(() => patience.abort())
  assert.equal(await waiting, 'ABORT_ERR')
})

test('a vendor that refuses connections does so until it is up again, at the same port', async () => {
  answer = { status: 200, body: 'ok' }
  const acme = vendors.vendors.get('acme')!
  acme.mode = 'refused'
  assert.equal(vendor.mode, 'refused')
  assert.equal(await call(), 'ECONNREFUSED')
  acme.mode = 'up'
  assert.deepEqual(await call(), [200, 'ok'])
})
