import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { Ajv } from 'ajv'

const valid = new Ajv().compile(JSON.parse(process.argv[2] ?? '{}'))
const server = http.createServer((request, response) => {
  let body = ''
  request.setEncoding('utf8')
  request.on('data', chunk => {
    body += chunk
  })
  request.on('end', () => {
    const status = valid(JSON.parse(body)) ? 200 : 400
    response.writeHead(status, { 'content-type': 'application/json' })
    response.end(status === 200 ? '{"accepted":1,"rejected":[]}' : '{}')
  })
})
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port))
process.on('message', () => {
  const { user, system } = process.cpuUsage()
  process.send?.(user + system)
})
process.on('disconnect', () => process.exit())
