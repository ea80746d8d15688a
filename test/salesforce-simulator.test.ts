import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { NOW, open } from './tools/salesforce.ts'

suite('the fake refuses what Salesforce refuses', () => {
  const LEADS = '/services/data/v66.0/composite/sobjects/Lead/Web_Lead_Id__c'
  const record = (rest: object = {}) => ({
    attributes: { type: 'Lead' },
    Web_Lead_Id__c: 'x',
    LastName: 'Silva',
    Company: 'Acme',
    ...rest,
  })
  type Asked = {
    url?: string
    method?: 'GET' | 'PATCH' | 'POST'
    headers?: { [name: string]: string }
    records?: readonly object[]
    body?: string
  }
  const ask = async ({ url = LEADS, method = 'PATCH', headers = {}, records = [record()], body }: Asked, at = NOW) => {
    const org = await open()
    org.clock.at = at
    const answer = await org.handle({
      url,
      method,
      headers: { 'content-type': 'application/json', ...headers },
      body: body ?? JSON.stringify({ allOrNone: false, records }),
    })
    assert.ok(typeof answer !== 'string')
    const [first] = answer.body as { errorCode?: string; success?: boolean; errors?: { statusCode: string }[] }[]
    return `${answer.status} ${first?.errorCode ?? (first?.success ? 'saved' : first?.errors?.[0]?.statusCode)}`
  }
  const refused: [title: string, asked: Asked, want: string][] = [
    ['nothing of what is right', {}, '200 saved'],
    ['a header of another form', { headers: { authorization: '00D0000!AQ.demo.1.1' } }, '401 INVALID_AUTH_HEADER'],
    ['a token that is none', { headers: { authorization: 'Bearer x' } }, '401 INVALID_SESSION_ID'],
    ['another content type', { headers: { 'content-type': 'text/plain' } }, '415 UNSUPPORTED_MEDIA_TYPE'],
    ['what is no JSON', { body: '{' }, '400 JSON_PARSER_ERROR'],
    ['a request without records', { records: [] }, '400 JSON_PARSER_ERROR'],
    ['more than 200 records', { records: Array(201).fill(record()) }, '400 EXCEEDED_ID_LIMIT'],
    ['a record of another object', { records: [record({ attributes: { type: 'Contact' } })] }, '400 INVALID_TYPE'],
    ['a field that is not there', { records: [record({ Nothing__c: 1 })] }, '400 INVALID_FIELD'],
    ['a text where a number belongs', { records: [record({ Score__c: '1' })] }, '400 JSON_PARSER_ERROR'],
    ['an object that is not there', { url: LEADS.replace('Lead/', 'Nothing__c/') }, '404 NOT_FOUND'],
    ['another external-id field', { url: LEADS.replace('Web_Lead_Id__c', 'Email') }, '404 NOT_FOUND'],
    ['a version before collections', { url: LEADS.replace('66', '45') }, '404 NOT_FOUND'],
    ['a version that is not out yet', { url: LEADS.replace('66', '99') }, '404 NOT_FOUND'],
    ['another method', { method: 'GET' }, '405 METHOD_NOT_ALLOWED'],
    ['the login host', { url: `https://login.salesforce.com${LEADS}` }, '404 NOT_FOUND'],
    ['a record without an external id', { records: [record({ Web_Lead_Id__c: undefined })] }, '200 MISSING_ARGUMENT'],
    ['an Id beside the external id', { records: [record({ Id: '00Q1' })] }, '200 INVALID_FIELD'],
    ['a record without what it needs', { records: [record({ Company: undefined })] }, '200 REQUIRED_FIELD_MISSING'],
    ['two records of one external id', { records: [record(), record({ Web_Lead_Id__c: 'X' })] }, '200 DUPLICATE_VALUE'],
    ['a text that is too long', { records: [record({ LastName: 'x'.repeat(81) })] }, '200 STRING_TOO_LONG'],
  ]
  for (const [title, asked, want] of refused) test(title, async () => assert.equal(await ask(asked), want))
  test('a session that is over', async () => {
    assert.equal(await ask({}, NOW + 7_200_000 - 1), '200 saved')
    assert.equal(await ask({}, NOW + 7_200_000), '401 INVALID_SESSION_ID')
  })
  test('everything while it plays an outage, and nothing afterwards', async () => {
    const org = await open()
    const played = { down: 503, throttled: 403, refused: 'refused', hang: 'hang', up: 200 } as const
    for (const [mode, want] of Object.entries(played)) {
      org.vendor.mode = mode as keyof typeof played
      const answer = await org.handle({
        url: LEADS,
        method: 'PATCH',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ records: [record()] }),
      })
      assert.equal(typeof answer === 'string' ? answer : answer.status, want)
    }
  })
})

suite('the allowance of the fake', () => {
  const ask = (org: Awaited<ReturnType<typeof open>>) => org.handle({ url: '/services/data/v66.0/jobs/ingest/750' })
  test('of a developer org is 15,000 requests in any 24 hours, told with every answer', async () => {
    const org = await open('loja-developer')
    const last = async () => {
      const answer = await ask(org)
      return typeof answer === 'string' ? answer : `${answer.status} ${answer.headers?.['sforce-limit-info']}`
    }
    for (let n = 1; n < 15_000; n++) await ask(org)
    assert.equal(await last(), '404 api-usage=15000/15000')
    const refused = await ask(org)
    assert.deepEqual(typeof refused !== 'string' && refused.body, [
      { message: 'TotalRequests Limit exceeded.', errorCode: 'REQUEST_LIMIT_EXCEEDED' },
    ])
    org.clock.at += 86_400_000
    await org.renew()
    assert.equal(await last(), '404 api-usage=1/15000')
  })
})

suite('a job of the fake', () => {
  const ask = async (
    org: Awaited<ReturnType<typeof open>>,
    method: 'GET' | 'POST' | 'PUT' | 'PATCH',
    path: string,
    body?: object | string,
    type = 'application/json',
  ) => {
    const answer = await org.handle({
      url: `/services/data/v66.0/jobs/ingest${path}`,
      method,
      headers: { 'content-type': type },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    assert.ok(typeof answer !== 'string')
    return answer
  }
  const JOB = { object: 'Lead', externalIdFieldName: 'Web_Lead_Id__c', operation: 'upsert', contentType: 'CSV' }
  test('is opened for an upsert by an external id of an object that is there, as CSV', async () => {
    const org = await open()
    assert.equal((await ask(org, 'POST', '', JOB)).status, 200)
    const wrong = [
      { object: 'No__c' },
      { externalIdFieldName: 'Email' },
      { operation: 'insert' },
      { contentType: 'XML' },
    ]
    for (const one of wrong) assert.equal((await ask(org, 'POST', '', { ...JOB, ...one })).status, 400)
  })
  test('takes its data once, as text/csv, while it is open', async () => {
    const org = await open()
    const { id } = (await ask(org, 'POST', '', JOB)).body as { id: string }
    assert.equal((await ask(org, 'PUT', `/${id}/batches`, 'a\n', 'application/json')).status, 415)
    assert.equal((await ask(org, 'PUT', `/${id}/batches`, 'Web_Lead_Id__c\n', 'text/csv')).status, 201)
    assert.equal((await ask(org, 'PUT', `/${id}/batches`, 'Web_Lead_Id__c\n', 'text/csv')).status, 400)
    assert.equal((await ask(org, 'PATCH', `/${id}`, { state: 'Done' })).status, 400)
    assert.equal((await ask(org, 'PATCH', `/${id}`, { state: 'UploadComplete' })).status, 200)
    assert.equal((await ask(org, 'PATCH', `/${id}`, { state: 'Aborted' })).status, 400)
  })
  test('is nobody else’s business', async () => {
    const org = await open()
    const { id } = (await ask(org, 'POST', '', JOB)).body as { id: string }
    await org.renew('another')
    assert.equal((await ask(org, 'GET', `/${id}`)).status, 404)
  })
})
