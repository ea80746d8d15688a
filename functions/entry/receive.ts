import { map, source, version } from 'connect:tag'
import { createReceive } from '../receive.ts'
import { base, dynamo } from './world.ts'

export const handler = createReceive({ ...base(), dynamo: dynamo() }, { source, version, map })
