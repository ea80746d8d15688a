import connector from 'connect:connector'
import { openHttp } from '../aws/http.ts'
import { createProcess } from '../process.ts'
import { base, dynamo, lambda, secrets, sns } from './world.ts'

export const handler = createProcess(
  { ...base(), dynamo: dynamo(), lambda: lambda(), secrets: secrets(), sns: sns(), openHttp },
  connector,
)
