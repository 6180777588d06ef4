import { once } from 'node:events'
import { spawn } from 'node:child_process'
import path from 'node:path'
import { root } from '../bundle/root.ts'
import type { SitePlan } from './site-plan.ts'
import type { Command, Input } from './command.ts'
import { UsageError } from './usage-error.ts'

/** The commands of the pages. They run under tsx, so that `npm run grade` carries nothing of the site. */

export const docs: Command = {
  name: 'docs',
  summary: 'serves the pages, and reloads them while you write',
  usage: 'npm run docs -- [--port N]',
  options: { port: { type: 'string' } },
  run: ({ words, flags }: Input) => {
    refuseWords(words, 'npm run docs')
    return runSite({ task: 'serve', port: readPort(flags['port']) })
  },
}

export const docsBuild: Command = {
  name: 'docs:build',
  summary: 'builds the pages as a static site',
  usage: 'npm run docs:build -- [--out DIR] [--base ADDRESS]',
  options: { out: { type: 'string' }, base: { type: 'string' } },
  run: ({ words, flags }: Input) => {
    refuseWords(words, 'npm run docs:build -- --out DIR')
    const { out } = flags
    return runSite({
      task: 'build',
      out: typeof out === 'string' ? path.resolve(out) : path.join(root, '.site'),
      base: readBase(flags['base']),
    })
  },
}

export const docsSync: Command = {
  name: 'docs:sync',
  summary: 'writes quoted code and the rows of "Then and now" anew',
  usage: 'npm run docs:sync',
  options: {},
  run: ({ words }: Input) => {
    refuseWords(words, 'npm run docs:sync')
    return runSite({ task: 'sync' })
  },
}

// --- internal ---

async function runSite(plan: SitePlan): Promise<number> {
  const file = path.join(root, 'workbook/cli/site.ts')
  const child = spawn(process.execPath, ['--import', 'tsx', file, JSON.stringify(plan)], {
    cwd: root,
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  })
  const [code] = (await once(child, 'exit')) as [number | null]
  return code ?? 2
}

function readPort(given: string | boolean | undefined): number {
  if (given === undefined) return 0
  const port = typeof given === 'string' && /^\d{1,5}$/.test(given) ? Number(given) : NaN
  if (port >= 0 && port <= 65_535) return port
  const message = `A port is a number from 0 to 65535, not ${String(given)}.`
  throw new UsageError('E_PORT', message, 'npm run docs -- --port 8080')
}

/** The address at which the site will stand, with its last slash: links in a sitemap are whole. */
function readBase(given: string | boolean | undefined): string | null {
  if (given === undefined) return null
  const url = typeof given === 'string' && URL.canParse(given) ? new URL(given) : null
  if (url && /^https?:$/.test(url.protocol) && url.search === '' && url.hash === '')
    return url.href.replace(/\/*$/, '/')
  const message = `An address begins with https:// or http://, not ${JSON.stringify(given)}.`
  throw new UsageError('E_BASE', message, 'npm run docs:build -- --base https://example.org/sockets/')
}

function refuseWords([word]: readonly string[], next: string): void {
  if (word === undefined) return
  throw new UsageError('E_WORDS', `This command takes no ${JSON.stringify(word)}.`, next)
}
