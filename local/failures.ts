import type { Guard, Role } from './iam.ts'
import type { Store } from './store.ts'

/** What nobody could work off: kept where the program says that it goes. */
export type Failure = {
  at: number
  /** ARN of the queue, bucket or topic. */
  destination: string
  /** Function, schedule or stream mapping that gave up. */
  source: string
  error: string
  payload: string
}
export type Failures = {
  readonly list: readonly Failure[]
  /** Whether `role` may write to `destination`: asked at start, as AWS does when a failure destination is set. */
  verify(caller: string, role: Role, destination: string): boolean
  /** Keeps the failure if the role may write it there; without a destination it is gone, as in AWS. */
  keep(caller: string, role: Role, destination: string | undefined, failure: Omit<Failure, 'at' | 'destination'>): void
}

const KEPT = 1000

export function createFailures(
  guard: Guard,
  store: Store<Failure[]>,
  lost: (failure: Omit<Failure, 'at'>) => void,
): Failures {
  const list = store.read()
  const verify = (caller: string, role: Role, destination: string) =>
    needs(destination).every(({ action, resource }) => guard.check(caller, role, action, resource))
  return {
    list,
    verify,
    keep(caller, role, destination, failure) {
      if (!destination || !verify(caller, role, destination))
        return lost({ ...failure, destination: destination ?? 'nowhere' })
      list.push({ ...failure, destination, at: Date.now() })
      list.splice(0, list.length - KEPT)
      store.write(list)
    },
  }
}

// https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html#invocation-async-destinations
function needs(destination: string): { action: string; resource: string }[] {
  const service = destination.split(':')[2]
  if (service === 'sqs') return [{ action: 'sqs:SendMessage', resource: destination }]
  if (service === 'sns') return [{ action: 'sns:Publish', resource: destination }]
  if (service === 's3')
    return [
      { action: 's3:PutObject', resource: `${destination}/aws/lambda/record.json` },
      { action: 's3:ListBucket', resource: destination },
    ]
  throw new Error(`Failure destination ${destination} is not known to the local stack.`)
}
