import { root } from '../bundle/root.ts'
import { viewOf } from '../report/layout.ts'
import { liveHtml } from '../report/live-html.ts'
import { count } from '../report/words.ts'
import { keepColours, readColours } from '../site/highlight.ts'
import { linkBetween, outputOf } from '../site/places.ts'
import { SiteError } from '../site/problems.ts'
import { openServer, type SiteServer } from '../site/serve/server.ts'
import { watch } from '../site/serve/watch.ts'
import { Site } from '../site/site.ts'
import { sync } from '../site/sync.ts'
import { ForeignFolderError, writeSite } from '../site/write.ts'
import { explain as explainFailure } from './explain.ts'
import { renderFinding } from './finding.ts'
import { followLive } from './follow-live.ts'
import type { SitePlan } from './site-plan.ts'
import { progressOf } from './page-progress.ts'
import { print, terminal } from './terminal.ts'
import { writeTick } from './write-tick.ts'

/** A program under tsx: builds, serves or synchronises the pages. Exit code 1 when something is wrong in them. */

let server: SiteServer | undefined
// Whoever started this has ended, however that was, or somebody has pressed Ctrl-C.
process.once('disconnect', () => void end())
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => void end())
const plan = JSON.parse(process.argv[2] ?? '') as SitePlan
readColours(root)
const site = new Site(root, { served: plan.task === 'serve', base: plan.task === 'build' ? plan.base : null })
process.exitCode = await run(plan).catch(giveUp)
process.exit()

// --- internal ---

async function end(): Promise<void> {
  await server?.close()
  process.exit(130)
}

/** What is no fault of a page's: a full disk, or a fault of ours. */
function giveUp(error: unknown): number {
  process.stderr.write(`${explainFailure(error)}\n`)
  return 2
}

async function run(what: SitePlan): Promise<number> {
  if (what.task === 'serve') return serve(what.port)
  return what.task === 'build' ? build(what.out) : synchronise()
}

async function build(out: string): Promise<number> {
  const started = performance.now()
  try {
    const output = await site.build()
    writeSite(output, out)
    keepColours(root)
    const pages = [...output.keys()].filter((file) => file.endsWith('.html')).length
    await print(`${count(pages, 'page')} in ${out}, built in ${since(started)}\n`)
    return 0
  } catch (error) {
    if (error instanceof ForeignFolderError) {
      process.stderr.write(
        `${error.message}\nNext: choose another folder, or empty this one\n(${error.code})\n`,
      )
      return 2
    }
    return explain(error)
  }
}

async function synchronise(): Promise<number> {
  const changed = await sync(site)
  const said =
    changed.length === 0 ? 'Nothing to write: every page agrees with its sources.' : changed.join('\n')
  await print(`${said}\n`)
  return 0
}

/** Never returns: it ends with a signal, or with the process that started it. */
async function serve(port: number): Promise<number> {
  const opened = await openServer(port, (tick) => writeTick(root, tick))
  server = opened
  const show = async (): Promise<void> => {
    const started = performance.now()
    try {
      opened.show({ output: await site.build() })
      await print(`built in ${since(started)}\n`)
    } catch (error) {
      await explain(error)
      if (error instanceof SiteError) opened.show({ problems: error.problems })
    }
    opened.send('reload', {})
  }
  await show()
  keepColours(root)
  await watch(site, async (files) => {
    await print(`${files.join(', ')}  `)
    await show()
  })
  opened.keep('progress', progressOf(root, null))
  await followLive(root, (live) => {
    const shownOn = outputOf(`labs/${live.lab}/README.md`)
    const linkTo = (page: string): string => linkBetween(shownOn, outputOf(page))
    opened.keep('verdicts', liveHtml(live, linkTo))
    opened.keep('progress', progressOf(root, live))
  })
  await print(`${opened.url}\nCtrl-C ends it.\n`)
  return new Promise(() => undefined)
}

/** @throws whatever is no fault of a page's. */
async function explain(error: unknown): Promise<number> {
  if (!(error instanceof SiteError)) throw error
  const view = viewOf(terminal())
  const found = error.problems.map((problem) =>
    [...renderFinding(problem, view), `  (${problem.code})`].join('\n'),
  )
  const said =
    error.problems.length === 1
      ? '1 problem stops the build.'
      : `${error.problems.length} problems stop the build.`
  await print(`\n${found.join('\n')}\n\n${said}\n`)
  return 1
}

function since(started: number): string {
  return `${Math.round(performance.now() - started)} ms`
}
