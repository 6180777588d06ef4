import fs from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { MARKER_FILE } from '../../workbook/course/marker.ts'
import type { Disk } from '../../workbook/handout/apply.ts'
import { bringHandout, bringUpdate, readHandout } from '../../workbook/handout/bring.ts'
import {
  ENTRY,
  NEW,
  OLD,
  backedUp,
  contents,
  folder,
  make,
  marker,
  markerWith,
  read,
  studentCopy,
  update,
  write,
} from './student-copy.ts'

/** An update that ends half-way, and a handout that is written or read. */

studentCopy()

describe('an interruption', () => {
  /** Every act on the disk is made to fail once, as a full disk or a pulled plug would have it. */
  const ACTS = 19

  test.each(Array.from({ length: ACTS }, (_, index) => index + 1))(
    'at act %i loses nothing, and the next run completes it',
    (at) => {
      write(ENTRY, 'mine')
      write('workbook/cli.ts', 'my tool')
      const before = contents()
      const { disk, acts } = failing(at)
      const attempt = (): unknown => bringUpdate(folder, marker(), make('2.0.0', NEW), { disk })
      expect(attempt).toThrow(
        expect.objectContaining({ code: expect.stringMatching(/^E_(?:WRITE_BESIDE|INTERRUPTED)$/) }),
      )
      expect(acts()).toBe(at)
      const meanwhile = contents()
      const halfway = Object.entries(meanwhile).filter(([file, text]) => {
        return file !== MARKER_FILE && ![before[file], NEW[file as keyof typeof NEW]].includes(text)
      })
      expect([meanwhile[ENTRY], halfway]).toEqual(['mine', []])
      update()
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

  test('was tried at every act there is', () => {
    write(ENTRY, 'mine')
    write('workbook/cli.ts', 'my tool')
    const { disk, acts } = failing(0)
    bringUpdate(folder, marker(), make('2.0.0', NEW), { disk })
    expect(acts()).toBe(ACTS)
  })

  test('before the first file takes its place changes nothing, and leaves nothing behind', () => {
    const before = contents()
    expect(() => bringUpdate(folder, marker(), make('2.0.0', NEW), { disk: failing(3).disk })).toThrow(
      'Nothing was changed: the new files could not be written (ENOSPC).',
    )
    expect(contents()).toEqual(before)
    expect(fs.existsSync(path.join(folder, '.backup'))).toBe(false)
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
