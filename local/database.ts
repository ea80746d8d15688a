import { mkdirSync } from 'node:fs'
import type { Server } from 'node:http'
import dynalite from 'dynalite'
import { takeLock } from './lock.ts'

/** The embedded DynamoDB, called without a socket in between. */
export type Database = {
  /** One operation, `PutItem`; the body as it crosses the wire. `status` is 200 or 400. */
  call(operation: string, body: string): Promise<Reply>
  close(): Promise<void>
}
export type Reply = { status: number; body: string }

/** Keeps its data in `path`, or in memory. One process at a time may have a path open; the second one is told so. */
export async function openDatabase(path?: string): Promise<Database> {
  if (path) mkdirSync(path, { recursive: true })
  const release = path ? takeLock(path) : () => {}
  const server: Server = dynalite({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0, ...(path && { path }) })
  await new Promise<void>((listening, fail) => {
    server.once('error', fail)
    server.listen(0, '127.0.0.1', listening) // nobody calls it there: only a server that listens can close its files
  })
  const calls = new Set<Promise<Reply>>()
  let closing = false
  return {
    call(operation, body) {
      if (closing) return Promise.resolve(CLOSED)
      const call = new Promise<Reply>(
        replied => void server.emit('request', request(operation, body), response(replied)),
      )
      calls.add(call)
      return call.finally(() => calls.delete(call))
    },
    async close() {
      closing = true
      await Promise.all(calls) // files that close under a call take the whole process with them
      await new Promise<void>((closed, fail) => server.close(error => (error ? fail(error) : closed())))
      release()
    },
  }
}

const CLOSED: Reply = {
  status: 400,
  body: JSON.stringify({ __type: 'com.amazonaws.dynamodb#ResourceNotFoundException' }),
}

const HEADERS = {
  'content-type': 'application/x-amz-json-1.0',
  'x-amz-date': '20260101T000000Z',
  authorization:
    'AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=local',
}

/** What dynalite reads of an `http.IncomingMessage`. */
function request(operation: string, body: string) {
  const message = {
    method: 'POST',
    url: '/',
    headers: { ...HEADERS, 'x-amz-target': `DynamoDB_20120810.${operation}` },
    removeAllListeners: () => message,
    on(event: string, listener: (chunk?: Buffer) => void) {
      if (event === 'data') listener(Buffer.from(body))
      if (event === 'end') process.nextTick(listener)
      return message
    },
  }
  return message
}

/** What dynalite writes of an `http.ServerResponse`. */
function response(replied: (reply: Reply) => void) {
  return {
    statusCode: 200,
    setHeader() {},
    end(body = '') {
      replied({ status: this.statusCode, body })
    },
  }
}
