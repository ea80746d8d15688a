import type { VendorAnswer } from '../../core/simulator.ts'
import { isObject } from './errors.ts'
import { FOLDER, LISTS, PROGRAMS } from './simulator-account.ts'
import { type Body, type Cells, tooManyRecipients } from './simulator-body.ts'
import { envelope, invalidContent, invalidParameter } from './simulator-envelope.ts'
import type { Store } from './simulator-store.ts'

type Said = Exclude<VendorAnswer, string>
const COLUMNS: readonly [attribute: string, column: string][] = [
  ['recipientId', 'RIID_'],
  ['customerId', 'CUSTOMER_ID_'],
  ['emailAddress', 'EMAIL_ADDRESS_'],
  ['mobileNumber', 'MOBILE_NUMBER_'],
  ['emailSHA256Hash', 'EMAIL_SHA256_HASH_'],
]
const failed = (errorMessage: string) => ({ errorMessage, success: false, recipientId: -1 })

/** https://docs.oracle.com/en/cloud/saas/marketing/responsys-develop/API/REST/api-v1.3-events-eventName-post.htm */
export function trigger(store: Store, account: string, program: string, body: Body): Said {
  if (!PROGRAMS.includes(program))
    return envelope(404, 'RESOURCE_NOT_FOUND', 'Not found', `Custom event [${program}] does not exist`)
  const { customEvent, recipientData } = body
  if (!isObject(customEvent)) return invalidParameter('customEvent is null')
  if (!Array.isArray(recipientData) || recipientData.length === 0) return invalidParameter('recipientData is null')
  const tooMany = tooManyRecipients(recipientData.length)
  if (tooMany) return tooMany
  const read = recipientData.map(recipientOf)
  if (read.some(one => one === undefined)) return invalidContent('Optional data are names and texts')
  const recipients = read as Recipient[]
  const same = Map.groupBy(recipients, ({ by }) => JSON.stringify(by))
  return {
    status: 200,
    headers: { 'X-CorrelationID': 'c-1' },
    body: recipients.map(one => {
      if (one.list === undefined) return failed('PROFILE_LIST_NOT_FOUND: Profile List Not Found')
      if (same.get(JSON.stringify(one.by))!.length > 1)
        return failed('MULTIPLE_RECIPIENTS_FOUND: Multiple Recipients Found')
      const profile = Object.keys(one.by).length && store.find(account, one.list, one.by)
      if (!profile) return failed('NO_RECIPIENT_FOUND: Recipient Not Found')
      store.enter(account, program, profile.riid, one.values)
      return { errorMessage: null, success: true, recipientId: Number(profile.riid) }
    }),
  }
}

type Recipient = { by: Cells; list: string | undefined; values: Cells }

/** Undefined for what is malformed. */
function recipientOf(entry: unknown): Recipient | undefined {
  const { recipient, optionalData } = isObject(entry) ? entry : {}
  if (!isObject(recipient) || !Array.isArray(optionalData)) return undefined
  const pairs = optionalData.map(one => (isObject(one) ? [one.name, one.value] : []))
  if (!pairs.every(([name, value]) => typeof name === 'string' && (value === null || typeof value === 'string')))
    return undefined
  const by = COLUMNS.flatMap(([attribute, column]) =>
    recipient[attribute] === undefined ? [] : [[column, String(recipient[attribute])]],
  )
  const { folderName, objectName } = isObject(recipient.listName) ? recipient.listName : {}
  const known = folderName === FOLDER && typeof objectName === 'string' && Object.hasOwn(LISTS, objectName)
  return { by: Object.fromEntries(by), list: known ? objectName : undefined, values: Object.fromEntries(pairs) }
}
