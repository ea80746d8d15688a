import { WROTE } from './simulator-people.ts'
import { type Fault, isObject } from './simulator-templates.ts'

const DAY_MS = 86_400_000

/**
 * Who has written to which number, and may be sent a text for 24 hours.
 * https://developers.facebook.com/docs/whatsapp/cloud-api/guides/send-messages#customer-service-windows
 */
export function createWindows(clock: { now(): number }) {
  const wrote = new Map<string, number>()
  const nameOf = (number: string, person: string) => `${number} ${waIdOf(person)}`
  return {
    open(number: string, person: string): void {
      wrote.set(nameOf(number, person), clock.now())
    },
    /** Why a text may not go to this person now. */
    fault(number: string, person: string): Fault | undefined {
      const at = wrote.get(nameOf(number, person)) ?? Number.NEGATIVE_INFINITY
      return person === WROTE || clock.now() - at < DAY_MS ? undefined : WINDOW_SHUT
    },
  }
}

const WINDOW_SHUT: Fault = {
  status: 400,
  code: 131047,
  message: '(#131047) Re-engagement message',
  details:
    'Message failed to send because more than 24 hours have passed since the customer last replied to this number.',
}

/** What is wrong with the form of a text. */
export function textFault(text: unknown): Fault | undefined {
  if (!isObject(text) || typeof text.body !== 'string' || text.body.trim() === '')
    return { status: 400, code: 131008, message: '(#131008) Required parameter is missing', details: 'text.body' }
  return [...text.body].length > 4096
    ? { status: 400, code: 131009, message: '(#131009) Parameter value is not valid', details: 'text.body is too long' }
    : undefined
}

/** As WhatsApp has it: numbers of most Brazilian areas without the ninth digit. */
export const waIdOf = (key: string) => key.replace(/^\+/, '').replace(/^55([4-9]\d)9(\d{8})$/, '55$1$2')
