import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { InvokeCommand, LambdaClient, type LambdaClientConfig } from '@aws-sdk/client-lambda'
import { parse } from 'yaml'
import type { OperateResult } from '../../functions/operate.ts'
import type { OperateEvent } from '../../functions/world.ts'

/** Where orders go: a deployed stack, or the one that runs on this machine. */
export type Target = { stack: string; client: LambdaClientConfig }

/** A sentence for the person at the command line, not a fault of the program. */
export class Unable extends Error {}

export async function targetOf(root: string, stack: string, region: string | undefined): Promise<Target> {
  if (stack === 'local') return localTarget(root)
  const found = region ?? process.env.AWS_REGION ?? (await regionOf(root, stack))
  if (found) return { stack, client: { region: found } }
  throw new Unable(`Which AWS region is stack ${stack} in? Pulumi.${stack}.yaml has no aws:region; say --region`)
}

async function regionOf(root: string, stack: string): Promise<string | undefined> {
  const text = await readFile(join(root, `Pulumi.${stack}.yaml`), 'utf8').catch(() => undefined)
  const { config } = (text ? parse(text) : {}) as { config?: { 'aws:region'?: string } }
  return config?.['aws:region']
}

type Running = { awsUrl: string; stack: string; pid?: number }

async function localTarget(root: string): Promise<Target> {
  const running = await findRunning(join(root, '.local'))
  if (!running) throw new Unable('No local stack is running here: start one with npm start')
  const credentials = { accessKeyId: 'operator', secretAccessKey: 'operator' }
  return { stack: running.stack, client: { endpoint: running.awsUrl, region: 'us-east-1', credentials } }
}

/** The youngest local stack whose process is still there. */
async function findRunning(folder: string): Promise<Running | undefined> {
  const files: { file: string; at: number }[] = []
  for (const name of await readdir(folder).catch(() => [])) {
    const file = join(folder, name, 'running.json')
    const at = await stat(file).then(
      ({ mtimeMs }) => mtimeMs,
      () => undefined,
    )
    if (at !== undefined) files.push({ file, at })
  }
  for (const { file } of files.sort((a, b) => b.at - a.at)) {
    const running = JSON.parse(await readFile(file, 'utf8')) as Running
    if (running.pid === undefined || isAlive(running.pid)) return running
  }
  return undefined
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as { code?: string }).code === 'EPERM'
  }
}

/** Calls the destination's `operate`. Throws `Unable` with what to do about it where the call itself fails. */
export async function invoke(
  { stack, client }: Target,
  connector: string,
  event: OperateEvent,
): Promise<OperateResult> {
  const lambda = new LambdaClient({ ...client, maxAttempts: 2, requestHandler: { requestTimeout: 40_000 } })
  const FunctionName = `connect-${stack}-${connector}-operate`
  try {
    const { Payload, FunctionError } = await lambda.send(
      new InvokeCommand({ FunctionName, Qualifier: 'live', Payload: JSON.stringify(event) }),
    )
    const text = Buffer.from(Payload ?? []).toString()
    if (!FunctionError) return JSON.parse(text)
    throw new Unable(`${FunctionName} failed: ${messageOf(text)}. Its log is /aws/lambda/${FunctionName}`)
  } catch (error) {
    throw error instanceof Unable ? error : new Unable(callFailure(error as Error, FunctionName))
  } finally {
    lambda.destroy()
  }
}

function messageOf(text: string): string {
  try {
    return (JSON.parse(text) as { errorMessage?: string }).errorMessage ?? text
  } catch {
    return text
  }
}

function callFailure({ name, message }: Error, functionName: string): string {
  if (name === 'ResourceNotFoundException')
    return `There is no function ${functionName}: is the stack deployed in this region, and the connector spelled right?`
  if (name === 'CredentialsProviderError')
    return 'No AWS credentials: log in first (aws sso login), or set AWS_PROFILE. The stack that npm start runs is called "local" here'
  if (name === 'AccessDeniedException') return `These AWS credentials may not call ${functionName}: ${message}`
  return `${functionName} could not be called: ${message || name}`
}
