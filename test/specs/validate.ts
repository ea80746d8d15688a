/**
 * `node test/specs/validate.ts <folder>`: holds the requests that the worked cases of connectors make against the OpenAPI files
 * that their vendors publish, in `<folder>/<connector>/`. Not part of `npm test`: the files are large, and belong to the vendors.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { connectors } from '../../connectors/index.ts'
import type { HttpRequest } from '../../core/connector.ts'
import type { Simulator } from '../../core/simulator.ts'
import { run } from '../../local/rehearse.ts'
import { type Deviation, deviations } from './deviations.ts'
import { type Complaint, complaintsOf, readSpec } from './openapi.ts'

const NOW = Date.parse('2026-11-20T12:00:00.000Z')

/** Every request that the worked cases of a connector make, with the case that makes it. */
async function requestsOf(name: string): Promise<{ title: string; request: HttpRequest }[]> {
  const { default: simulator } = (await import(`../../connectors/${name}/simulator.ts`)) as {
    default: Simulator<object>
  }
  const all = simulator.cases.map(async ({ title, events, known, answers, settings: some }) => {
    const settings = { ...simulator.settings, ...some }
    const secrets = simulator.credentials(settings)
    const vendor = simulator.vendor({ now: () => NOW, random: () => 0.5 })
    const connector = connectors[name]!
    const more = { ...(known && { known }), ...(answers && { answers }) }
    const { sent } = await run({ connector, settings, secrets, vendor, events, now: NOW, ...more })
    return sent.map(({ request }) => ({ title, request }))
  })
  return (await Promise.all(all)).flat()
}

const explains =
  (name: string, { operation, at, rule, words }: Complaint) =>
  (deviation: Deviation) =>
    deviation.connector === name &&
    deviation.operation.test(operation) &&
    deviation.at.test(at) &&
    deviation.rule === rule &&
    deviation.words.test(words)

/** Prints what is wrong; returns how many things are. */
async function validate(name: string, folder: string): Promise<number> {
  const spec = await readSpec(folder)
  const requests = await requestsOf(name)
  const met = new Set<Deviation>()
  const wrong = requests.flatMap(({ title, request }) =>
    complaintsOf(spec, request).flatMap(complaint => {
      const known = deviations.find(explains(name, complaint))
      if (known) met.add(known)
      return known ? [] : [{ title, ...complaint }]
    }),
  )
  console.log(`${name}: ${requests.length} requests, ${wrong.length} complaints, ${met.size} known deviations`)
  for (const { title, operation, at, rule, words } of wrong)
    console.log(`  ${operation} ${at} ${words} (${rule}), in "${title}"`)
  const stale = deviations.filter(one => one.connector === name && !met.has(one))
  for (const { why } of stale) console.log(`  no request deviates like this any more: ${why}`)
  if (!requests.length) console.log('  no case makes a request')
  return wrong.length + stale.length + (requests.length ? 0 : 1)
}

const [folder] = process.argv.slice(2)
const described = Object.keys(connectors).filter(name => folder !== undefined && existsSync(join(folder, name)))
if (folder === undefined || !existsSync(folder))
  console.log('No descriptions to validate against: node test/specs/validate.ts <folder with sendgrid/, whatsapp/>')
else if (!described.length) {
  console.error(`${folder} has no folder that is named like a connector`)
  process.exitCode = 1
}
for (const name of described) if (await validate(name, join(folder!, name))) process.exitCode = 1
