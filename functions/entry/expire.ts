import { createExpire } from '../expire.ts'
import { base, dynamo } from './world.ts'

const world = base()
export const handler = createExpire({ ...world, dynamo: dynamo() }, world.env.CONNECTOR ?? '')
