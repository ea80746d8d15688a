import { createWake } from '../wake.ts'
import { base, lambda } from './world.ts'

export const handler = createWake({ ...base(), lambda: lambda(2_000) })
