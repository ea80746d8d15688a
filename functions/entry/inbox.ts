import { webhooks } from '../../connectors/webhooks.ts'
import { createInbox } from '../inbox.ts'
import { base, dynamo } from './world.ts'

export const handler = createInbox({ ...base(), dynamo: dynamo() }, webhooks)
