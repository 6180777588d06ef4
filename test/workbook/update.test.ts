import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { MARKER_FILE } from '../../workbook/course/marker.ts'
import { bringHandout, bringUpdate } from '../../workbook/handout/bring.ts'
import {
  ENTRY,
  NEW,
  PREDICTIONS,
  backedUp,
  contents,
  folder,
  make,
  marker,
  read,
  studentCopy,
  update,
  write,
} from './student-copy.ts'

/** A student's copy meets a newer handout: what is the learner's stays. */

studentCopy()

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
    ['a link', (file: string) => fs.symlinkSync('/etc/hostname', file)],
    ['a pipe', (file: string) => execFileSync('mkfifo', [file])],
    ['a folder', (file: string) => fs.mkdirSync(file)],
  ])('of what is %s is refused before anything is done: it would come into the backup', (_what, makeOdd) => {
    fs.rmSync(path.join(folder, 'workbook/cli.ts'))
    makeOdd(path.join(folder, 'workbook/cli.ts'))
    expect(() => update()).toThrow(expect.objectContaining({ code: 'E_LINK' }))
    expect(read('README.md')).toBe('old')
    expect(fs.existsSync(path.join(folder, '.backup'))).toBe(false)
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
