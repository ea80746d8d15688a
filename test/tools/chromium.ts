import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import chromium, { inflate } from '@sparticuz/chromium'
import { type Browser, chromium as driver } from 'playwright-core'

const PERSON = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/153.0.0.0 Safari/537.36'
/** What Chromium starts with here. */
let env: NodeJS.ProcessEnv = process.env
const FLAGS = [
  '--headless=shell',
  '--no-sandbox',
  '--disable-gpu',
  '--use-gl=disabled',
  '--disable-dev-shm-usage',
  `--user-agent=${PERSON}`,
]

/**
 * A real Chromium out of the npm package, nothing to install. Its own flags are for Lambda: they put everything into one
 * process and switch CORS off, and both are what the tests are about. It says that it is a person's: from one without a head nothing is kept, and
 * what Playwright has pages say instead is not said by requests that outlive their page.
 */
export async function launchChromium(): Promise<Browser> {
  const executablePath = await chromium.executablePath()
  const launch = () =>
    driver.launch({ executablePath, args: FLAGS, ignoreDefaultArgs: ['--disable-back-forward-cache'], env })
  return launch().catch(async () => {
    env = { ...process.env, LD_LIBRARY_PATH: await ownLibraries() } // a machine without NSS: the package brings it along
    return launch()
  })
}

/** The same with one page that nobody drives: in pages that Playwright knows, no other page is ever prepared. */
export async function openUndriven(url: string): Promise<{ close(): Promise<void> }> {
  const profile = await mkdtemp(join(tmpdir(), 'connect-chromium-'))
  const kept = ['--remote-debugging-port=0', `--user-data-dir=${profile}`] // without a port it ends once the page has loaded
  const running = spawn(await chromium.executablePath(), [...FLAGS, ...kept, url], { env, stdio: 'ignore' })
  return {
    async close() {
      const ended = once(running, 'exit')
      running.kill('SIGKILL')
      await ended
      await rm(profile, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

/**
 * A whole Chromium that is installed on the machine. It keeps pages in its back/forward cache, as people's browsers do; the
 * package's has none. Playwright would add the old `--headless`, which has none either.
 */
export const launchInstalled = (executablePath: string): Promise<Browser> =>
  driver.launch({
    executablePath,
    args: ['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', `--user-agent=${PERSON}`],
    ignoreDefaultArgs: ['--disable-back-forward-cache', '--headless'],
  })

/** The first Chromium that the shell would find, if any. */
export const findInstalled = (path = process.env.PATH ?? ''): string | undefined =>
  ['chromium', 'chromium-browser', 'google-chrome']
    .flatMap(name => path.split(delimiter).map(folder => join(folder, name)))
    .find(file => existsSync(file))

async function ownLibraries(): Promise<string> {
  const main = createRequire(import.meta.url).resolve('@sparticuz/chromium')
  const folder = main.slice(0, main.indexOf(join('@sparticuz', 'chromium')) + join('@sparticuz', 'chromium').length)
  await inflate(join(folder, 'bin', 'al2023.tar.br'))
  return join(tmpdir(), 'al2023', 'lib')
}
