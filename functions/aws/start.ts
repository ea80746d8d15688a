import { InvokeCommand } from '@aws-sdk/client-lambda'
import type { ProcessEvent, World } from '../world.ts'

/** Asks Lambda to run `process` soon, and does not wait for it. Throws if Lambda does not take the request. */
export async function startProcess(world: Pick<World, 'env' | 'lambda'>, event: ProcessEvent): Promise<void> {
  await world.lambda.send(
    new InvokeCommand({
      FunctionName: world.env.PROCESS_FUNCTION,
      InvocationType: 'Event',
      Payload: JSON.stringify(event),
    }),
  )
}
