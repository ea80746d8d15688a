import { pathToFileURL } from 'node:url'
import { parentPort, workerData } from 'node:worker_threads'
import { installEgress } from './egress.ts'
import type { Order, Outcome, Report, WorkerSetup } from './invocation.ts'

/** The thread that a function runs in: what Lambda's runtime is to a bundle. */
type Handler = (event: unknown, context: object) => unknown
const setup = workerData as WorkerSetup
const port = parentPort!

installEgress(setup.routes)
const handler = ((await import(pathToFileURL(setup.file).href)) as { [name: string]: Handler })[setup.handler]
if (typeof handler !== 'function') throw new Error(`${setup.file} exports no handler "${setup.handler}"`)

port.on('message', async ({ id, payload, deadline }: Order) => {
  const outcome = await invoke(id, payload, deadline)
  port.postMessage({ id, outcome } satisfies Report)
})
port.postMessage({ ready: true } satisfies Report)

async function invoke(id: string, payload: string, deadline: number): Promise<Outcome> {
  const context = {
    awsRequestId: id,
    functionName: setup.functionName,
    functionVersion: '1',
    invokedFunctionArn: setup.arn,
    memoryLimitInMB: String(setup.memoryMb),
    logGroupName: `/aws/lambda/${setup.functionName}`,
    logStreamName: 'local',
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => deadline - Date.now(),
  }
  try {
    const answer = await handler!(JSON.parse(payload), context)
    return { ok: true, payload: answer === undefined ? 'null' : JSON.stringify(answer) }
  } catch (error) {
    return { ok: false, error: describe(error) }
  }
}

const describe = (error: unknown) =>
  error instanceof Error
    ? { errorType: error.name, errorMessage: error.message, trace: (error.stack ?? '').split('\n') }
    : { errorType: typeof error, errorMessage: String(error) }
