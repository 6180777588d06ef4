import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Bounds } from '../../workbook/batch/bounds.ts'
import { Refusal } from '../../workbook/batch/refusal.ts'
import { unpack } from '../../workbook/batch/unpack.ts'
import { tarGzOf, tarOf, zipOf } from '../../workbook/bench/archive-writers.ts'
import { GOOD, LINK_MODE, many, SMALL, TARS, ZEROS, ZIPS } from './evil-archives.ts'

/** Archives that attack whoever unpacks them, each made byte by byte; and odd ones that are honest. */

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'archives-'))
  mkdirSync(path.join(folder, 'in'))
})
afterEach(() => rmSync(folder, { recursive: true }))

test.each(ZIPS)('a zip with %s is refused as %s: %s', async (_, code, says, entries) => {
  await expectRefused('a.zip', zipOf(entries), code, says)
})

test.each(TARS)('a tar with %s is refused as %s: %s', async (_, code, says, entries) => {
  await expectRefused('a.tar.gz', tarGzOf(entries), code, says)
})

const PAGE = Buffer.from('<!DOCTYPE html><html>sign in first</html>')
const EMPTY = 'the archive is empty, a file of 0 bytes'
const CUT = 'the archive is cut short, as by an upload that broke off'
const WEB_PAGE = 'the archive is a web page'
const BROKEN: ReadonlyArray<readonly [what: string, name: string, bytes: Buffer, says: string]> = [
  ['nothing in it', 'a.zip', Buffer.alloc(0), EMPTY],
  ['half of it', 'a.zip', zipOf([GOOD]).subarray(0, 60), CUT],
  ['a web page in it', 'a.zip', PAGE, WEB_PAGE],
  ['a web page in it, with a mark', 'a.zip', Buffer.from('\uFEFF\r\n<HTML>'), WEB_PAGE],
  ['nothing in it', 'a.tar.gz', Buffer.alloc(0), EMPTY],
  ['half of it', 'a.tar.gz', tarGzOf([{ ...GOOD, bytes: noise(20_000) }]).subarray(0, 9_000), CUT],
  ['half of it, called a zip', 'a.zip', tarGzOf([{ ...GOOD, bytes: noise(20_000) }]).subarray(0, 9_000), CUT],
  ['half of it, unpacked', 'a.tar', tarOf([{ ...GOOD, bytes: noise(20_000) }]).subarray(0, 9_000), CUT],
  ['a web page in it', 'a.tar.gz', PAGE, WEB_PAGE],
  ['something else in it', 'a.zip', Buffer.from('my homework'), 'the archive is'],
  ['something else in it', 'a.tar.gz', Buffer.from('my homework '.repeat(100)), 'the archive is broken'],
  ['something else in the gzip', 'a.tgz', gzipSync(noise(5_000)), 'the archive is broken'],
] // prettier-ignore

test.each(BROKEN)('an archive with %s, %s, is named as that', async (_, name, bytes, says) => {
  await expectRefused(name, bytes, 'E_ARCHIVE', says)
})

const OTHER_KINDS = [
  ['Rar!\u001A\u0007', 'RAR'],
  ["7z\u00BC\u00AF'\u001C", '7-Zip'],
  ['\u00FD7zXZ\u0000', 'xz'],
  ['%PDF-1.7', 'PDF'],
] as const

test.each(OTHER_KINDS)('a file that begins with %j is named, whatever it is called', async (head, kind) => {
  const bytes = Buffer.from(`${head}${'x'.repeat(600)}`, 'latin1')
  await expectRefused('a.zip', bytes, 'E_ARCHIVE_KIND', `it is a file of ${kind}, whatever its name`)
})

test('an archive that is too large is not even opened', async () => {
  await expectRefused('a.zip', noise(300_000), 'E_TOO_LARGE', 'an archive of more than 0 MiB')
})

test('what goes on and on is left at the bound, however well it is packed', async () => {
  const endless = tarGzOf(many(10, '.bin').map((each) => ({ ...each, bytes: noise(70_000) })))
  await expectRefused('a.tar.gz', endless, 'E_TOO_LARGE', 'MiB unpacked', {
    ...SMALL,
    archiveBytes: 10_000_000,
  })
})

const HONEST: ReadonlyArray<readonly [what: string, name: string, bytes: Buffer]> = [
  ['a zip', 'a.zip', zipOf([{ ...GOOD, method: 8 }])],
  ['a zip of Windows, which tells no type', 'a.zip', zipOf([{ ...GOOD, mode: 0 }])],
  ['a zip of Windows, with backslashes', 'a.zip', zipOf([{ ...GOOD, name: 'labs\\a.ts' }])],
  ['a zip with folders', 'a.zip', zipOf([{ name: 'labs/', mode: 0o040755 }, GOOD])],
  [
    'a zip with packages and their links',
    'a.zip',
    zipOf([GOOD, { name: 'node_modules/.bin/x', mode: LINK_MODE }]),
  ],
  ['a zip of a Mac', 'a.zip', zipOf([GOOD, { name: '__MACOSX/labs/._a.ts' }, { name: '.DS_Store' }])],
  ['a zip that is called tar.gz', 'a.tar.gz', zipOf([GOOD])],
  ['a tar.gz that is called zip', 'a.zip', tarGzOf([GOOD])],
  ['a tar that is called zip', 'a.zip', tarOf([GOOD])],
  ['a tar.gz', 'a.tar.gz', tarGzOf([{ name: 'labs/', type: '5' }, GOOD])],
  ['a tar.gz that a browser has unpacked', 'a.tar.gz', tarOf([GOOD])],
  [
    'a tar with packages and their links',
    'a.tgz',
    tarGzOf([GOOD, { name: 'node_modules/.bin/x', type: '2', link: '../x' }]),
  ],
  ['a tar with an empty file', 'a.tgz', tarGzOf([GOOD, { name: 'empty.txt' }])],
]

test.each(HONEST)('%s is unpacked', async (_, name, bytes) => {
  await unpackBytes(name, bytes)
  expect(readFileSync(path.join(folder, 'out/labs/a.ts'), 'utf8')).toBe(GOOD.bytes)
})

test('nothing but programs is written', async () => {
  const others = [
    'README.md',
    'photo.jpg',
    'run.sh',
    'node_modules/a/index.js',
    '.git/hooks/x.js',
    'big.json',
  ]
  const bytes = (name: string) => (name === 'big.json' ? ZEROS.subarray(0, 45_000) : 'x')
  await unpackBytes('a.zip', zipOf([GOOD, ...others.map((name) => ({ name, bytes: bytes(name) }))]))
  expect(readdirSync(path.join(folder, 'out'), { recursive: true })).toEqual(['labs', 'labs/a.ts'])
})

// --- what the tests share ---

async function unpackBytes(name: string, bytes: Buffer, bounds: Bounds = SMALL): Promise<void> {
  const [file, out] = [path.join(folder, 'in', name), path.join(folder, 'out')]
  writeFileSync(file, bytes)
  mkdirSync(out)
  await unpack(file, out, bounds)
}

/** Refused, told as such, and nothing stands outside the folder. */
async function expectRefused(
  name: string,
  bytes: Buffer,
  code: string,
  says: string,
  bounds?: Bounds,
): Promise<void> {
  const refusal = await unpackBytes(name, bytes, bounds).catch((error: unknown) => error)
  expect(refusal).toBeInstanceOf(Refusal)
  expect(refusal).toMatchObject({ code, message: expect.stringContaining(says) as string })
  expect(readdirSync(folder).sort()).toEqual(['in', 'out'])
  for (const place of ['/tmp/evil.ts', path.join(folder, '..', 'evil.ts')])
    expect(existsSync(place)).toBe(false)
}

/** Bytes that do not pack, the same each time. */
function noise(length: number): Buffer {
  const bytes = Buffer.alloc(length)
  let state = 1
  for (let index = 0; index < length; index++) {
    state = (state * 48_271) % 2_147_483_647
    bytes[index] = state & 0xff
  }
  return bytes
}
