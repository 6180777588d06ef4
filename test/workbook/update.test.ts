import fs from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { MARKER_FILE, readMarker, type Marker } from '../../workbook/course/marker.ts'
import type { Disk } from '../../workbook/handout/apply.ts'
import { bringHandout, bringUpdate, readHandout } from '../../workbook/handout/bring.ts'
import { handoutOf, type Handout } from '../../workbook/handout/handout.ts'
import { walk } from '../../workbook/handout/walk.ts'

/** A student's copy meets a newer handout: what is the learner's stays, whatever happens. */

const ENTRY = 'labs/01-first/first.ts'
const PREDICTIONS = 'labs/01-first/predictions.md'
const OLD = {
  'README.md': 'old',
  'workbook/cli.ts': 'old tool',
  'workbook/deep/gone.ts': 'old',
  'suites/01-first.mjs': 'old suite',
  'labs/01-first/README.md': 'page',
  'labs/01-first/.starter': 'old starter',
  [ENTRY]: 'old starter',
  [PREDICTIONS]: '- [ ] a',
}
const NEW = {
  ...without(OLD, 'workbook/deep/gone.ts'),
  'README.md': 'new',
  'workbook/cli.ts': 'new tool',
  'workbook/more.ts': 'new',
  'suites/01-first.mjs': 'new suite',
  'labs/01-first/.starter': 'new starter',
  [ENTRY]: 'new starter',
}

let folder: string
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(tmpdir(), 'copy-'))
  onTestFinished(() => fs.rmSync(folder, { recursive: true, force: true }))
  bringHandout(folder, make('1.0.0', OLD))
})

describe('an update', () => {
  test('replaces what is not the learner’s, and keeps a dated copy of each', () => {
    const { backup, changed } = update()
    expect(contents()).toEqual({ ...NEW, [MARKER_FILE]: expect.stringContaining('"2.0.0"') })
    expect(backup).toMatch(/^\.backup\/update-\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d-\d{3}Z$/)
    expect(backedUp(backup)).toMatchObject({
      'README.md': 'old',
      'workbook/cli.ts': 'old tool',
      'workbook/deep/gone.ts': 'old',
      'suites/01-first.mjs': 'old suite',
    })
    expect(changed).toBe(8)
  })

  test('keeps what the learner wrote, and says that the starter has changed', () => {
    write(ENTRY, 'mine')
    write(PREDICTIONS, '- [x] a')
    const { restarted } = update()
    expect([read(ENTRY), read(PREDICTIONS), restarted]).toEqual(['mine', '- [x] a', [ENTRY]])
    expect(read('labs/01-first/.starter')).toBe('new starter')
  })

  test('of a file that the learner has thrown away brings it again', () => {
    fs.rmSync(path.join(folder, ENTRY))
    expect([update().restarted, read(ENTRY)]).toEqual([[], 'new starter'])
  })

  test('leaves progress, notes and packages alone', () => {
    const own = { '.progress.json': '{}', 'notes.txt': 'mine', 'labs/01-first/helper.ts': 'mine' }
    for (const [file, text] of Object.entries(own)) write(file, text)
    write('node_modules/a/index.js', 'a package')
    update()
    expect(contents()).toMatchObject(own)
    expect(read('node_modules/a/index.js')).toBe('a package')
  })

  test('keeps a copy of what the student changed in the tool', () => {
    write('workbook/cli.ts', 'my tool')
    const { backup } = update()
    expect([read('workbook/cli.ts'), backedUp(backup)['workbook/cli.ts']]).toEqual(['new tool', 'my tool'])
  })

  test('a second time changes nothing, and makes no backup', () => {
    write(ENTRY, 'mine')
    update()
    expect(update()).toMatchObject({ changed: 0, backup: null, restarted: [] })
    expect(fs.readdirSync(path.join(folder, '.backup'))).toHaveLength(1)
  })

  test('removes folders that nothing stands in any more', () => {
    update()
    expect(fs.existsSync(path.join(folder, 'workbook/deep'))).toBe(false)
  })

  test('of a file that stands in the way of a folder is refused before anything is done', () => {
    write('docs', 'mine')
    const newer = make('2.0.0', { ...NEW, 'docs/1-first.md': 'page' })
    const before = contents()
    expect(() => bringUpdate(folder, marker(), newer)).toThrow(expect.objectContaining({ code: 'E_LINK' }))
    expect(contents()).toEqual(before)
  })

  test('through a link that leads elsewhere is refused before anything is done', () => {
    const elsewhere = fs.mkdtempSync(path.join(tmpdir(), 'elsewhere-'))
    onTestFinished(() => fs.rmSync(elsewhere, { recursive: true }))
    fs.cpSync(path.join(folder, 'workbook'), elsewhere, { recursive: true })
    fs.rmSync(path.join(folder, 'workbook'), { recursive: true })
    fs.symlinkSync(elsewhere, path.join(folder, 'workbook'))
    expect(() => update()).toThrow(expect.objectContaining({ code: 'E_LINK' }))
    expect(fs.readFileSync(path.join(elsewhere, 'cli.ts'), 'utf8')).toBe('old tool')
    expect(read('README.md')).toBe('old')
  })

  test.each([
    ['an older handout', () => make('0.9.0', NEW), 'E_OLDER'],
    ['another course', () => make('2.0.0', NEW, { course: 'another' }), 'E_OTHER_COURSE'],
  ])('by %s is refused', (_what, newer, code) => {
    const before = contents()
    expect(() => bringUpdate(folder, marker(), newer())).toThrow(expect.objectContaining({ code }))
    expect(contents()).toEqual(before)
  })

  test('knows that 1.10 comes after 1.9', () => {
    bringUpdate(folder, marker(), make('1.9.0', NEW))
    bringUpdate(folder, marker(), make('1.10.0', NEW))
    expect(marker().version).toBe('1.10.0')
  })
})

describe('labs', () => {
  const second = (text: string) => ({
    'labs/02-second/README.md': text,
    'labs/02-second/.starter': text,
    'labs/02-second/second.ts': text,
    'suites/02-second.mjs': text,
  })

  test('that the newer handout does not have stay whole, and are known to the next one', () => {
    const { keptLabs } = bringUpdate(folder, marker(), make('2.0.0', second('two'), { labs: ['02-second'] }))
    expect(keptLabs).toEqual(['01-first'])
    expect(read('suites/01-first.mjs')).toBe('old suite')
    expect(marker().labs).toEqual(['01-first', '02-second'])
    bringUpdate(folder, marker(), make('3.0.0', NEW))
    expect([read('suites/01-first.mjs'), read('suites/02-second.mjs')]).toEqual(['new suite', 'two'])
  })

  test('that have another name now go, and the work in them goes to the backup', () => {
    write(ENTRY, 'mine')
    const renamed = Object.fromEntries(
      Object.entries(NEW).map(([file, text]) => [file.replace('01-first', '01-one'), text]),
    )
    const { moved, backup } = bringUpdate(folder, marker(), make('2.0.0', renamed, { labs: ['01-one'] }))
    expect(moved).toEqual([ENTRY])
    expect(backedUp(backup)[ENTRY]).toBe('mine')
    expect(Object.keys(contents()).filter((file) => file.includes('01-first'))).toEqual([])
    expect(marker().labs).toEqual(['01-one'])
  })

  test('whose file has another name now get the new one beside the old one', () => {
    write(ENTRY, 'mine')
    const { [ENTRY]: _gone, ...others } = NEW
    const newer = make('2.0.0', { ...others, 'labs/01-first/one.ts': 'new starter' })
    const { orphaned } = bringUpdate(folder, marker(), newer)
    expect(orphaned).toEqual([ENTRY])
    expect([read(ENTRY), read('labs/01-first/one.ts')]).toEqual(['mine', 'new starter'])
  })

  test('not begun go where the teacher writes the handout anew without them; others stay', () => {
    bringHandout(folder, make('2.0.0', { ...NEW, ...second('two') }, { labs: ['01-first', '02-second'] }))
    write('labs/02-second/second.ts', 'mine')
    expect(bringHandout(folder, make('2.0.0', NEW)).keptLabs).toEqual(['02-second'])
    write('labs/02-second/second.ts', 'two')
    expect(bringHandout(folder, make('2.0.0', NEW)).keptLabs).toEqual([])
    expect(Object.keys(contents()).filter((file) => file.includes('02-second'))).toEqual([])
  })
})

describe('an interruption', () => {
  /** Every act on the disk is made to fail once, as a full disk or a pulled plug would have it. */
  const ACTS = 30

  function failing(at: number): { disk: Disk; acts: () => number } {
    let acts = 0
    const act = <T extends readonly unknown[]>(does: (...args: T) => void) => {
      return (...args: T): void => {
        if (++acts === at) throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' })
        does(...args)
      }
    }
    const disk = {
      write: act(fs.writeFileSync as Disk['write']),
      copy: act(fs.copyFileSync as Disk['copy']),
      rename: act(fs.renameSync as Disk['rename']),
      remove: act(fs.rmSync as Disk['remove']),
    }
    return { disk, acts: () => acts }
  }

  test.each(Array.from({ length: ACTS }, (_, index) => index + 1))(
    'at act %i loses nothing, and the next run completes it',
    (at) => {
      write(ENTRY, 'mine')
      write('workbook/cli.ts', 'my tool')
      const before = contents()
      const { disk, acts } = failing(at)
      const attempt = (): unknown => bringUpdate(folder, marker(), make('2.0.0', NEW), { disk })
      const all = countActs()
      if (at > all) return void expect(attempt).not.toThrow()
      expect(attempt).toThrow(
        expect.objectContaining({ code: expect.stringMatching(/^E_(?:WRITE_BESIDE|INTERRUPTED)$/) }),
      )
      expect(acts()).toBe(at)
      const meanwhile = contents()
      expect(meanwhile[ENTRY]).toBe('mine')
      for (const [file, text] of Object.entries(meanwhile)) {
        if (file !== MARKER_FILE) expect([before[file], NEW[file as keyof typeof NEW]]).toContain(text)
      }
      if (marker().version === '1.0.0') update()
      expect(contents()).toEqual({
        ...NEW,
        [ENTRY]: 'mine',
        [MARKER_FILE]: expect.stringContaining('"2.0.0"'),
      })
      const kept = fs
        .readdirSync(path.join(folder, '.backup'))
        .flatMap((name) => Object.values(backedUp(`.backup/${name}`)))
      expect(kept).toContain('my tool')
    },
  )

  test('happened at every act there is', () => {
    write(ENTRY, 'mine')
    write('workbook/cli.ts', 'my tool')
    expect(countActs()).toBeGreaterThan(10)
    expect(countActs()).toBeLessThan(ACTS)
  })

  /** How many acts the whole update takes, found on a copy. */
  function countActs(): number {
    const copy = fs.mkdtempSync(path.join(tmpdir(), 'acts-'))
    fs.cpSync(folder, copy, { recursive: true })
    const { disk, acts } = failing(0)
    bringUpdate(copy, readMarker(copy) as Marker, make('2.0.0', NEW), { disk })
    fs.rmSync(copy, { recursive: true })
    return acts()
  }

  test('before the first file takes its place changes nothing, and leaves nothing behind', () => {
    const before = contents()
    expect(() => bringUpdate(folder, marker(), make('2.0.0', NEW), { disk: failing(3).disk })).toThrow(
      'Nothing was changed: the new files could not be written (ENOSPC).',
    )
    expect(contents()).toEqual(before)
    expect(fs.readdirSync(path.join(folder, '.backup'))).toEqual([])
  })

  test('that left files beside, as a kill does, is cleared away by the next run', () => {
    write('.backup/update-2026-01-01T00-00-00-000Z.new/README.md', 'half')
    write('.backup/2026-01-01-first.ts', 'from npm run reset')
    update()
    expect(fs.readdirSync(path.join(folder, '.backup')).sort()).toEqual([
      '2026-01-01-first.ts',
      expect.stringMatching(/Z$/),
    ])
  })
})

describe('a handout is written', () => {
  test('to a new folder and to an empty one', () => {
    const [fresh, empty] = [path.join(folder, 'fresh'), path.join(folder, 'empty')]
    fs.mkdirSync(empty)
    for (const to of [fresh, empty]) {
      expect(bringHandout(to, make('1.0.0', OLD)).before).toBe(null)
      expect(fs.readFileSync(path.join(to, 'README.md'), 'utf8')).toBe('old')
    }
    expect(fs.readdirSync(folder).filter((name) => name.includes('.new'))).toEqual([])
  })

  test('over no folder that is something else', () => {
    const other = path.join(folder, 'other')
    fs.mkdirSync(other)
    fs.writeFileSync(path.join(other, 'thesis.tex'), 'mine')
    expect(() => bringHandout(other, make('1.0.0', OLD))).toThrow(
      expect.objectContaining({ code: 'E_OUT_TAKEN' }),
    )
    expect(fs.readdirSync(other)).toEqual(['thesis.tex'])
  })

  test('over one whose marker is damaged, or names files outside, only when somebody has looked', () => {
    for (const damage of ['{', '{"format":2}', markerWith({ files: { '../../home/.profile': 'x' } })]) {
      write(MARKER_FILE, damage)
      expect(() => bringHandout(folder, make('2.0.0', NEW))).toThrow(
        expect.objectContaining({ code: 'E_COURSE_MARKER' }),
      )
    }
    expect(read('README.md')).toBe('old')
  })
})

describe('a handout that brings itself to others', () => {
  test('is read as it was handed out, although its student has begun', () => {
    write(ENTRY, 'mine')
    const { files } = readHandout(folder, marker())
    expect(String(files.get(ENTRY))).toBe('old starter')
    expect([...files.keys()].sort()).toEqual([...Object.keys(OLD), MARKER_FILE].sort())
  })

  test.each([
    ['changed', () => write('workbook/cli.ts', 'mine'), 'workbook/cli.ts is no longer as it was handed out'],
    ['removed', () => fs.rmSync(path.join(folder, 'README.md')), 'README.md is missing'],
  ])('is refused where something was %s', (_what, spoil, message) => {
    spoil()
    expect(() => readHandout(folder, marker())).toThrow(message)
  })
})

// --- what the tests share ---

function make(
  version: string,
  content: Readonly<Record<string, string>>,
  facts: Partial<Marker> = {},
): Handout {
  const files = new Map(Object.entries(content).map(([file, text]) => [file, Buffer.from(text)]))
  const learner = Object.keys(content).filter((file) =>
    /^labs\/[^/]+\/(?:\w+\.ts|predictions\.md)$/.test(file),
  )
  return handoutOf({ course: 'a-course', version, title: null, labs: ['01-first'], ...facts }, files, learner)
}

function without<T extends object, K extends keyof T>(whole: T, name: K): Omit<T, K> {
  const { [name]: _gone, ...rest } = whole
  return rest
}

function update() {
  return bringUpdate(folder, marker(), make('2.0.0', NEW))
}

function marker(): Marker {
  return readMarker(folder) as Marker
}

function markerWith(facts: Partial<Marker>): string {
  return JSON.stringify({ ...marker(), ...facts })
}

function write(file: string, text: string): void {
  fs.mkdirSync(path.join(folder, path.dirname(file)), { recursive: true })
  fs.writeFileSync(path.join(folder, file), text)
}

function read(file: string): string {
  return fs.readFileSync(path.join(folder, file), 'utf8')
}

/** Everything but backups and packages. */
function contents(): Record<string, string> {
  return Object.fromEntries(walk(folder, '').map(({ file }) => [file, read(file)]))
}

function backedUp(backup: string | null): Record<string, string> {
  const root = path.join(folder, backup ?? '')
  return Object.fromEntries(
    walk(root, '').map(({ file }) => [file, fs.readFileSync(path.join(root, file), 'utf8')]),
  )
}
