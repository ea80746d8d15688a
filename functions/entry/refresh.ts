import connector from 'connect:connector'
import { exchange } from '../aws/exchange.ts'
import { createRefresh } from '../refresh.ts'
import { base, dynamo, secrets, sns } from './world.ts'

export const handler = createRefresh(
  { ...base(), dynamo: dynamo(), secrets: secrets(), sns: sns(), exchange },
  connector,
)
