import { execFileSync, spawn } from 'node:child_process'
import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe } from 'vitest'
import { ended, test, type Checkout, type Run } from './checkout.ts'

/** Machines that deny the workbook something: one true sentence, the next step, exit 2, and nothing lost. */

const START = `"${process.execPath}" workbook/cli/start.mjs`
const isRootOnLinux = process.platform === 'linux' && process.getuid?.() === 0
const SOLVED = 'solutions/01-seven-steps/fetch-once.ts'
const MINE = 'labs/01-seven-steps/fetch-once.ts'

function shell(checkout: Checkout, script: string, env: Readonly<Record<string, string>> = {}): Promise<Run> {
  const { PATH = '', HOME = '' } = process.env
  const stdio = ['ignore', 'pipe', 'pipe'] as const
  return ended(
    spawn('/bin/bash', ['-c', script], {
      cwd: checkout.root,
      env: { PATH, HOME, ...env },
      stdio: [...stdio],
    }),
  )
}

const UNLIMITED = 'ulimit -v unlimited, or open another terminal'
const MORE_FILES = 'ulimit -n 1024, or open another terminal'
const NO_FLAGS = 'unset NODE_OPTIONS, or take the permission flags out of it'
const WALL = '--experimental-permission --allow-fs-read=* --allow-fs-write=*'

/** What is denied → how it is made, what is said, what comes next, the code. */
const DENIED: ReadonlyArray<readonly [what: string, script: string, said: RegExp, next: string, code: string]> = [
  ['addresses for a small program', `ulimit -v 4000000; ${START} grade 01`, /^A program may reserve only 3906 MiB of memory here \(ulimit -v\), which is too little for grading\.$/m, UNLIMITED, 'E_MEMORY'],
  ['addresses, with --json', `ulimit -v 30000000; ${START} grade 01 --json`, /^A program may reserve only 29296 MiB/m, UNLIMITED, 'E_MEMORY'],
  ['a heap', `NODE_OPTIONS=--max-old-space-size=24 ${START} grade 01`, /^Node may use only \d+ MiB of memory here, and grading needs more\.$/m, 'unset NODE_OPTIONS, or take --max-old-space-size out of it', 'E_HEAP'],
  ['file handles', `ulimit -n 120; ${START} grade 01`, /^Only 120 files and sockets may be open at a time here \(ulimit -n\), and grading needs 256\.$/m, MORE_FILES, 'E_FILES'],
  ['file handles, to a watch', `ulimit -n 120; ${START} watch 01`, /^Only 120 files/m, MORE_FILES, 'E_FILES'],
  ['file handles, to a batch', `mkdir in; ulimit -n 120; ${START} batch in`, /^Only 120 files/m, MORE_FILES, 'E_FILES'],
  ['processes and threads, by the permission model', `NODE_OPTIONS="${WALL}" ${START} grade 01`, /^Node runs with its permission model, which denies the workbook child, worker\.$/m, NO_FLAGS, 'E_PERMISSION_MODEL'],
  ['threads alone', `NODE_OPTIONS="${WALL} --allow-child-process" ${START} list`, /denies the workbook worker\.$/m, NO_FLAGS, 'E_PERMISSION_MODEL'],
] // prettier-ignore

describe.concurrent('a machine that denies', () => {
  test.for(DENIED)('%s', async ([, script, said, next, code], { checkout, expect }) => {
    const run = await shell(checkout, script)
    expect(run.stderr).toMatch(said)
    expect(run.stderr.endsWith(`\nNext: ${next}\n(${code})\n`)).toBe(true)
    expect([run.code, run.stdout]).toEqual([2, ''])
  })
})

/** Needs a network of its own. */
const canUnshare = isRootOnLinux && works('unshare', ['-n', 'true'])

describe.runIf(canUnshare).concurrent('without a loopback', () => {
  test.for([
    'grade 01',
    'grade 01 --json',
    'watch 01',
    'try 01',
    'debug 01 R1',
    'solution 01',
    'batch labs/kit',
  ])('%s says so, and no verdict is made', async (args, { checkout, expect }) => {
    const run = await shell(checkout, `unshare -n ${START} ${args}`)
    expect(run).toEqual({
      code: 2,
      stdout: '',
      stderr:
        '127.0.0.1 cannot be reached on this machine (ENETUNREACH), and every check is a conversation there.\n' +
        'Next: ip link set lo up, or run it outside of the sandbox\n(E_NO_LOOPBACK)\n',
    })
    expect(checkout.exists('.progress.json')).toBe(false)
  })
})

const AS_NOBODY = 'setpriv --reuid=65534 --regid=65534 --clear-groups --no-new-privs'
const canBeNobody =
  isRootOnLinux && works('setpriv', ['--reuid=65534', '--regid=65534', '--clear-groups', 'true'])

describe.runIf(canBeNobody).concurrent('in a folder of somebody else', () => {
  test('a bundle that is there is used, and what cannot be remembered costs no verdict', async ({
    checkout,
    expect,
  }) => {
    checkout.write(MINE, checkout.read(SOLVED))
    await checkout.run('list')
    open(checkout)
    const { code, stdout, stderr } = await shell(checkout, `${AS_NOBODY} ${START} grade 01`)
    expect(stdout).toContain('All 8 requirements passed')
    expect(stderr).toBe(
      'Your progress could not be written to .progress.json (EACCES); the verdicts stand.\n',
    )
    expect(code).toBe(0)
  })

  test('without a bundle it is said whose it is', async ({ checkout, expect }) => {
    checkout.unshareCache()
    open(checkout)
    const { code, stderr } = await shell(checkout, `${AS_NOBODY} ${START} grade 01`)
    expect(stderr).toContain(
      "node_modules/.cache cannot be written by you: it is another user's, or read-only.\n",
    )
    expect(stderr).toMatch(
      /\nNext: work in a copy of your own: cp -R \S+ FOLDER, then npm ci there\n\(EACCES\)\n$/,
    )
    expect(code).toBe(2)
  })

  test('a starter is not put back, and the file stays', async ({ checkout, expect }) => {
    checkout.write(MINE, 'export const mine = 1\n')
    await checkout.run('list')
    open(checkout)
    const { code, stderr } = await shell(checkout, `${AS_NOBODY} ${START} reset 01`)
    expect(stderr).toMatch(
      /\.backup cannot be read or written by you here\. Nothing was lost\.\nNext: look at whose it is/,
    )
    expect(code).toBe(2)
    expect(checkout.read(MINE)).toBe('export const mine = 1\n')
  })
})

const canMount = isRootOnLinux && works('unshare', ['-m', 'true'])

/** Runs in the presence of a disk of a megabyte, whose folder is made. */
async function withDisk(folder: string, body: () => Promise<void>): Promise<void> {
  mkdirSync(folder)
  run('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder])
  try {
    await body()
  } finally {
    run('umount', [folder])
  }
}

describe.runIf(canMount).concurrent('on a full disk', () => {
  test('an earlier report stays whole, and what is full is said', async ({ checkout, expect }) => {
    await withDisk(path.join(checkout.root, 'full'), async () => {
      checkout.write('full/r.xml', 'the report of yesterday')
      fill(path.join(checkout.root, 'full'))
      const { code, stdout, stderr } = await checkout.run('grade 01 --solutions --junit full/r.xml')
      expect(stdout).toContain('All 8 requirements passed')
      expect(stderr).toBe(
        'The report could not be written to full/r.xml (ENOSPC).\nNext: free some space, or name a file on another disk\n(E_WRITE)\n',
      )
      expect(code).toBe(2)
      expect(checkout.read('full/r.xml')).toBe('the report of yesterday')
    })
  })

  test('the tool cannot be made ready, and says why', async ({ checkout, expect }) => {
    checkout.unshareCache()
    const cache = path.join(checkout.root, 'node_modules/.cache')
    await withDisk(cache, async () => {
      fill(cache)
      const { code, stderr } = await checkout.run('grade 01')
      expect(stderr).toMatch(
        /^The disk is full: \S+node_modules\/\.cache could not be written\.\nNext: free some space, then run it again\n\(ENOSPC\)\n$/,
      )
      expect(code).toBe(2)
    })
  })

  test('pages that do not fit are told in a sentence', async ({ checkout, expect }) => {
    checkout.write('docs/index.md', '# The start\n\nA page.\n')
    await withDisk(path.join(checkout.root, 'full'), async () => {
      fill(path.join(checkout.root, 'full'))
      const { code, stderr } = await checkout.run('docs:build --out full/site')
      expect(stderr).toBe(
        'The disk is full: not all could be written. Nothing was lost.\nNext: free some space, then run it again\n(ENOSPC)\n',
      )
      expect(code).toBe(2)
    })
  })
})

const PLACES: ReadonlyArray<readonly [file: string, code: string, next: string]> = [
  ['no/such/r.xml', 'ENOENT', 'mkdir -p no/such, then run it again'],
  ['labs', 'EISDIR', 'name a file: labs is a folder'],
  ['package.json/r.xml', 'ENOTDIR', 'name a file in a folder of yours'],
]

describe.concurrent('a report', () => {
  test.for(PLACES)(
    'that cannot be written to %s (%s) says what to do',
    async ([file, code, next], { checkout, expect }) => {
      const run = await checkout.run(`grade 42 --junit ${file}`)
      expect(run.stderr).toBe(
        `The report could not be written to ${file} (${code}).\nNext: ${next}\n(E_WRITE)\n`,
      )
      expect(run.code).toBe(2)
    },
  )

  test('may go to a pipe, which stays one', async ({ checkout, expect }) => {
    const run = await shell(
      checkout,
      `mkfifo p; cat p & ${START} grade 42 --junit p > /dev/null; test -p p && wait`,
    )
    expect(run.stdout).toContain('<testsuites')
  })
})

const LEFT: ReadonlyArray<readonly [what: string, make: (checkout: Checkout) => void]> = [
  ['a file', (checkout) => checkout.write('.progress.json.new', '{')],
  ['a folder', (checkout) => checkout.makeFolder('.progress.json.new')],
]

test.for(LEFT)(
  ".progress.json.new left behind as %s stands in nobody's way",
  async ([, make], { checkout, expect }) => {
    make(checkout)
    const { stderr } = await checkout.run('grade 42')
    expect(stderr).toBe('')
    expect(JSON.parse(checkout.read('.progress.json'))).toMatchObject({ format: 1 })
  },
)

describe.concurrent('packages that are missing', () => {
  test('are named, with a command that installs them in production too', async ({ checkout, expect }) => {
    checkout.unshareCache()
    checkout.remove('node_modules/vitest')
    const run = await checkout.run('grade', { NODE_ENV: 'production' })
    expect(run).toEqual({
      code: 2,
      stdout: '',
      stderr: `vitest is not installed.\nNext: npm ci --include=dev   (in ${checkout.root})\n(E_PACKAGES)\n`,
    })
  })
})

// --- what the tests share ---

function run(command: string, args: readonly string[]): void {
  execFileSync(command, args, { stdio: 'ignore' })
}

function works(command: string, args: readonly string[]): boolean {
  try {
    run(command, args)
    return true
  } catch {
    return false
  }
}

/** Others may read it, and write nothing. */
function open({ root }: Checkout): void {
  chmodSync(root, 0o755)
  rmSync(path.join(root, '.progress.json'), { force: true })
}

function fill(disk: string): void {
  try {
    for (let part = 0; ; part++) writeFileSync(path.join(disk, `filler-${part}`), Buffer.alloc(4_096))
  } catch {
    // Full.
  }
}
