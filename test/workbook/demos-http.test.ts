import { execFile } from 'node:child_process'
import { readFileSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { root } from '../../workbook/bundle/root.ts'

/** The demos of chapters 3 to 6: what a page shows is what its demo prints, word for word. */

const CHAPTERS = ['3-connection-header', '4-parallel', '5-persistent', '6-pipelined']
const DEMOS = [
  'agent-hint',
  'cl-te',
  'dumb-proxy',
  'four-ways',
  'h2-loss',
  'head-of-line',
  'hop-by-hop',
  'idle-race',
  'narrow-line',
  'node-keep-alive',
  'pools',
  'promise-all',
  'six-sockets',
  'which-protocol',
]

/** What they print depends on the curl that is here. */
const CURLS = ['curl-alpn', 'curl-through-proxy']
/** Whose order is its own affair: demos-browser.test.ts. */
const BROWSERS = ['browser-order']
const OTHERS = [...CURLS, ...BROWSERS]
/** What they print stands on a lab's page, in other words. */
const NAMED = ['proxy-connection']

const run = promisify(execFile)
const printed = new Map<string, string>()

/** What a demo prints; it must end by itself, and say nothing on stderr. */
async function outputOf(demo: string): Promise<string> {
  const known = printed.get(demo)
  if (known !== undefined) return known
  const program = path.join(root, 'docs/demos/run.ts')
  const { stdout, stderr } = await run(process.execPath, ['--import', 'tsx', program, demo], { cwd: root })
  expect(stderr).toBe('')
  printed.set(demo, stdout)
  return stdout
}

/** Each command in a page with the output that stands below it. */
const shown = CHAPTERS.flatMap((chapter) => {
  const text = readFileSync(path.join(root, `docs/${chapter}.md`), 'utf8')
  const pairs = text.matchAll(/```sh\nnpm run demo -- (\S+)\n```\n\n```text\n([^]*?)```/g)
  return [...pairs].map(([, demo = '', output = '']) => ({ chapter, demo, output }))
})

test('each demo of these chapters is shown by one of them, with its output', () => {
  const tested = shown.map(({ demo }) => demo).filter((demo) => !OTHERS.includes(demo))
  expect(tested.sort()).toEqual(DEMOS)
})

test.each(NAMED)('%s is named by one of these chapters', (demo) => {
  const texts = CHAPTERS.map((chapter) => readFileSync(path.join(root, `docs/${chapter}.md`), 'utf8'))
  expect(texts.filter((text) => text.includes(`npm run demo -- ${demo}`))).toHaveLength(1)
})

test.each(shown.filter(({ demo }) => !OTHERS.includes(demo)))(
  'chapter $chapter shows what $demo prints',
  async ({ demo, output }) => {
    expect(await outputOf(demo)).toBe(output)
  },
)

test.for([
  ['curl-through-proxy', 'sends Proxy-Connection to a proxy, as chapter 5 says'],
  ['curl-alpn', 'tells which version of HTTP was agreed on, as chapter 6 says'],
])('%s: curl 7.88 %s', async ([demo = ''], { skip }) => {
  const version = await run('curl', ['--version']).then(
    ({ stdout }) => stdout,
    () => 'none',
  )
  skip(!version.startsWith('curl 7.88.'), `the curl here is another one: ${version.slice(0, 12)}`)
  const page = shown.find((each) => each.demo === demo)
  expect(await outputOf(demo)).toBe(page?.output)
})

test.each(CURLS)('without curl %s says so', async (demo) => {
  const program = path.join(root, 'docs/demos/run.ts')
  const args = ['--import', 'tsx', program, demo]
  const { stdout } = await run(process.execPath, args, { cwd: root, env: { PATH: '/nowhere' } })
  expect(stdout).toBe('There is no curl on this machine.\n')
})

test('a narrow line: six connections save ten round trips of 132, and begin with the last image after 32', async () => {
  const rows = (await outputOf('narrow-line')).split('\n').filter((line) => line.startsWith('narrow'))
  const counts = rows.map((row) => row.split(/ {2,}/).slice(1).map(Number))
  expect([counts[0], counts.at(-1)]).toEqual([
    [1, 117, 132],
    [6, 32, 122],
  ])
})

test('a page takes 8, 4, 5 and 3 round trips over 4, 4, 1 and 1 connections', async () => {
  const [small = ''] = (await outputOf('four-ways')).split('\n\nevery answer has 100,000')
  const counts = (way: string): number[] =>
    [...(new RegExp(`^${way} .*$`, 'm').exec(small)?.[0] ?? '').matchAll(/\d+/g)].map(Number)
  expect(counts('serial')).toEqual([4, 1, 8, 8])
  expect(counts('parallel')).toEqual([4, 3, 4, 4])
  expect(counts('persistent')).toEqual([1, 1, 5, 4])
  expect(counts('pipelined')).toEqual([1, 1, 3, 2])
})

test('the second request through a dumb proxy reaches nobody', async () => {
  expect(await outputOf('dumb-proxy')).toMatch(
    /^requests sent +2\nreached the origin +1\nresponses +1\nthe connection is +open/m,
  )
})

test('of the five chains with Proxy-Connection, those with two proxies hang', async () => {
  const lines = (await outputOf('proxy-connection')).trimEnd().split('\n').slice(1)
  expect(lines.map((line) => line.endsWith('hangs'))).toEqual([false, false, true, true, true])
})

test('a lost race brings no byte of an answer, whatever was carried out', async () => {
  const lines = (await outputOf('idle-race')).trimEnd().split('\n').slice(1)
  expect(lines.map((line) => line.split(/ {2,}/).slice(1))).toEqual([
    ['0', 'ECONNRESET', 'socket hang up', 'yes', '0'],
    ['0', 'ECONNRESET', 'read ECONNRESET', 'yes', '0'],
    ['0', 'ECONNRESET', 'socket hang up', 'yes', '1'],
  ])
})

test('pools repeat nothing by themselves, and take turns only where they are told to', async () => {
  const lines = (await outputOf('pools')).trimEnd().split('\n').slice(1, 4)
  expect(lines.map((line) => line.split(/ {2,}/).slice(1))).toEqual([
    ['ECONNRESET', 'once', 'ECONNRESET', 'once', 'use 1 of 3', '6 sockets'],
    ['ECONNRESET', 'once', 'ECONNRESET', 'once', 'use 3 of 3', '6 sockets'],
    ['UND_ERR_SOCKET', 'once', 'UND_ERR_SOCKET', 'once', 'use 1 of 3', '60 sockets'],
  ])
})

test('a request with both lengths is refused, and its handler never runs', async () => {
  expect(await outputOf('cl-te')).toMatch(/^both +400 Bad Request +FIN +nothing$/m)
})

test('the code in these chapters is that of its demo', () => {
  const quotes = CHAPTERS.flatMap((chapter) => {
    const text = readFileSync(path.join(root, `docs/${chapter}.md`), 'utf8')
    return [...text.matchAll(/```ts (\S+)#(\S+)\n([^]*?)```/g)].map(
      ([, file = '', region = '', body = '']) => {
        const source = readFileSync(path.join(root, file), 'utf8')
        const [, whole] =
          new RegExp(`// #region ${region}\\n([^]*?) *// #endregion ${region}\\n`).exec(source) ?? []
        return { region, same: whole === body }
      },
    )
  })
  expect(quotes).toHaveLength(6)
  expect(quotes.filter(({ same }) => !same)).toEqual([])
})

test('every demo says in its first line what it shows', () => {
  const folder = path.join(root, 'docs/demos')
  const demos = readdirSync(folder).filter((file) => file.endsWith('.ts') && file !== 'run.ts')
  const silent = demos.filter(
    (file) => !/^\/\/ [A-Z].{20,}\n/.test(readFileSync(path.join(folder, file), 'utf8')),
  )
  expect(silent).toEqual([])
})
