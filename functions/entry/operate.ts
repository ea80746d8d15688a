import { createOperate } from '../operate.ts'
import { base, dynamo, lambda } from './world.ts'

const world = base()
export const handler = createOperate({ ...world, dynamo: dynamo(), lambda: lambda(2_000) }, world.env.CONNECTOR ?? '')
