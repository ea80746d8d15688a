import { webhooks } from '../../connectors/webhooks.ts'
import { createHooks } from '../hooks.ts'
import { base, dynamo, secrets } from './world.ts'

export const handler = createHooks({ ...base(), dynamo: dynamo(), secrets: secrets() }, webhooks)
