import { randomUUID } from 'node:crypto'
import type { Answer, Service } from '../gateway.ts'

/** SNS as a publisher sees it. `publish` answers false for a topic that is not there. */
export function createSns(publish: (topicArn: string, subject: string, text: string) => boolean): Service {
  return async ({ text, denied }) => {
    const form = new URLSearchParams(text)
    const action = form.get('Action') ?? ''
    const topic = form.get('TopicArn') ?? ''
    const denial = denied(`sns:${action}`, topic)
    if (denial) return refusal(403, 'AuthorizationError', denial)
    if (action !== 'Publish') return refusal(400, 'InvalidAction', `The local stack does not play sns:${action}.`)
    const subject = form.get('Subject') ?? ''
    const message = form.get('Message') ?? ''
    const wrong = faultOf(subject, message)
    if (wrong) return refusal(400, 'InvalidParameter', `Invalid parameter: ${wrong}`)
    if (!publish(topic, subject, message)) return refusal(404, 'NotFound', 'Topic does not exist')
    return xml(
      200,
      `<PublishResponse xmlns="${NAMESPACE}"><PublishResult><MessageId>${randomUUID()}</MessageId></PublishResult>${metadata()}</PublishResponse>`,
    )
  }
}

// Subject: ASCII, no line breaks or control characters, under 100 characters; message: at most 256 KB:
// https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
function faultOf(subject: string, message: string): string | undefined {
  if (subject.length > 100 || !/^[\x20-\x7e]*$/.test(subject)) return 'Subject'
  if (!message) return 'Empty message'
  return Buffer.byteLength(message) > 262_144 ? 'Message too long' : undefined
}

const NAMESPACE = 'http://sns.amazonaws.com/doc/2010-03-31/'
const metadata = () => `<ResponseMetadata><RequestId>${randomUUID()}</RequestId></ResponseMetadata>`
const xml = (status: number, body: string): Answer => ({ status, headers: { 'content-type': 'text/xml' }, body })
const refusal = (status: number, code: string, message: string) =>
  xml(
    status,
    `<ErrorResponse xmlns="${NAMESPACE}"><Error><Type>Sender</Type><Code>${code}</Code><Message>${escapeXml(message)}</Message></Error><RequestId>${randomUUID()}</RequestId></ErrorResponse>`,
  )
const escapeXml = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
