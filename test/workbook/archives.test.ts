import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { BOUNDS, type Bounds } from '../../workbook/batch/bounds.ts'
import { Refusal } from '../../workbook/batch/refusal.ts'
import { unpack } from '../../workbook/batch/unpack.ts'
import { tarGzOf, tarOf, zipOf, type TarEntry, type ZipEntry } from '../../workbook/bench/archive-writers.ts'

/** Archives that attack whoever unpacks them, each made byte by byte; and odd ones that are honest. */

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'archives-'))
  mkdirSync(path.join(folder, 'in'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const GOOD = { name: 'labs/a.ts', bytes: 'export {}\n' } as const
const ZEROS = Buffer.alloc(1024 * 1024)
const LINK_MODE = 0o120777
/** Small enough that a bomb is found at once. */
const SMALL: Bounds = {
  ...BOUNDS,
  archiveBytes: 200_000,
  unpackedBytes: 600_000,
  ratioFromBytes: 100_000,
  keptBytes: 50_000,
  programBytes: 40_000,
  entries: 20,
  files: 10,
  depth: 4,
}
const many = (count: number, name: string) =>
  Array.from({ length: count }, (_, index) => ({ name: `${index}${name}` }))

const ZIPS: ReadonlyArray<readonly [what: string, code: string, says: string, entries: readonly ZipEntry[]]> =
  [
    [
      'a path that leaves the folder',
      'E_OUTSIDE',
      'leaves its folder: "../evil.ts"',
      [GOOD, { name: '../evil.ts' }],
    ],
    ['a path that leaves it later', 'E_OUTSIDE', 'leaves its folder', [{ name: 'labs/../../evil.ts' }]],
    [
      'a path that leaves it by backslashes',
      'E_OUTSIDE',
      'leaves its folder',
      [{ name: 'labs\\..\\..\\evil.ts' }],
    ],
    ['an absolute path', 'E_OUTSIDE', 'leaves its folder: "/tmp/evil.ts"', [{ name: '/tmp/evil.ts' }]],
    ['a path with a drive', 'E_OUTSIDE', 'leaves its folder: "C:/evil.ts"', [{ name: 'C:/evil.ts' }]],
    ['a way out inside what is passed over', 'E_OUTSIDE', 'leaves', [{ name: 'node_modules/../../evil.ts' }]],
    [
      'a symbolic link',
      'E_LINK',
      'a symbolic link: "labs/b.ts"',
      [{ name: 'labs/b.ts', bytes: '/etc/passwd', mode: LINK_MODE }],
    ],
    [
      'a symbolic link to a folder',
      'E_LINK',
      'a symbolic link: "labs/"',
      [{ name: 'labs/', bytes: '/etc', mode: LINK_MODE }],
    ],
    ['a pipe', 'E_SPECIAL_FILE', 'a device, a pipe or a socket: "p.ts"', [{ name: 'p.ts', mode: 0o010644 }]],
    ['a device', 'E_SPECIAL_FILE', 'a device, a pipe or a socket', [{ name: 'd.ts', mode: 0o020644 }]],
    ['a password', 'E_ENCRYPTED', 'the archive has a password', [{ ...GOOD, flags: 0x801, method: 8 }]],
    ['a method that nobody knows', 'E_ARCHIVE', 'cannot be read: "labs/a.ts"', [{ ...GOOD, method: 98 }]],
    ['the same name twice', 'E_DUPLICATE', 'two entries for one file: "labs/a.ts"', [GOOD, GOOD]],
    ['the same name in another case', 'E_DUPLICATE', 'two entries', [GOOD, { name: 'labs/A.ts' }]],
    ['the same name by another way', 'E_DUPLICATE', 'two entries', [GOOD, { name: './labs//a.ts' }]],
    [
      'the same name in another form of Unicode',
      'E_DUPLICATE',
      'two entries',
      [{ name: 'é.ts' }, { name: 'e\u0301.ts' }],
    ],
    ['a file that is a folder too', 'E_DUPLICATE', 'two entries', [{ name: 'a.ts' }, { name: 'a.ts/b.ts' }]],
    ['a folder that becomes a file', 'E_DUPLICATE', 'two entries', [{ name: 'a.ts/b.ts' }, { name: 'a.ts' }]],
    ['a name with a zero', 'E_NAME', 'odd characters: "a\\u0000.ts"', [{ name: 'a\0.ts' }]],
    ['a name with a line break', 'E_NAME', 'odd characters', [{ name: 'a\n.ts' }]],
    ['a name that reads backwards', 'E_NAME', 'odd characters', [{ name: 'a\u202Est.js' }]],
    ['a name that is no UTF-8', 'E_NAME', 'odd characters', [{ name: Buffer.from([0x61, 0xff, 0xfe]) }]],
    [
      'a name longer than any disk takes',
      'E_NAME',
      'a name that is too long',
      [{ name: `${'a'.repeat(256)}.ts` }],
    ],
    [
      'a size that is less than there is',
      'E_ARCHIVE',
      'the archive is broken',
      [{ ...GOOD, bytes: ZEROS, method: 8, claims: 10 }],
    ],
    [
      'a size that is more than there is',
      'E_ARCHIVE',
      'the archive is broken',
      [{ ...GOOD, method: 8, claims: 1000 }],
    ],
    [
      'a bomb',
      'E_TOO_LARGE',
      'more than 100 bytes unpacked for each',
      [{ name: 'a.bin', bytes: ZEROS.subarray(0, 500_000), method: 8 }],
    ],
    [
      'a bomb in parts',
      'E_TOO_LARGE',
      'more than 100 bytes unpacked for each',
      many(9, '.bin').map((each) => ({ ...each, bytes: ZEROS.subarray(0, 50_000), method: 8 })),
    ],
    [
      'more than may be unpacked',
      'E_TOO_LARGE',
      'MiB unpacked',
      [{ name: 'a.bin', bytes: 'x', claims: 700_000, method: 8 }],
    ],
    [
      'more programs than fit',
      'E_TOO_LARGE',
      'of files',
      [0, 1].map((index) => ({ name: `${index}.ts`, bytes: ZEROS.subarray(0, 30_000) })),
    ],
    [
      'a program that is too long',
      'E_TOO_LARGE',
      'a program of more than 39 KiB: "a.ts"',
      [{ name: 'a.ts', bytes: ZEROS.subarray(0, 45_000) }],
    ],
    ['too many entries', 'E_TOO_LARGE', 'more than 20 files and folders', many(21, '/')],
    ['too many files', 'E_TOO_LARGE', 'more than 10 files', many(11, '.txt')],
    ['folders without end', 'E_TOO_LARGE', 'folders more than 4 deep', [{ name: 'a/b/c/d/e.ts' }]],
  ]

const TARS: ReadonlyArray<readonly [what: string, code: string, says: string, entries: readonly TarEntry[]]> =
  [
    [
      'a path that leaves the folder',
      'E_OUTSIDE',
      'leaves its folder: "../evil.ts"',
      [GOOD, { name: '../evil.ts' }],
    ],
    ['a path that leaves it later', 'E_OUTSIDE', 'leaves its folder', [{ name: 'labs/../../evil.ts' }]],
    ['an absolute path', 'E_OUTSIDE', 'an absolute path: "/tmp/evil.ts"', [{ name: '/tmp/evil.ts' }]],
    ['a path with backslashes', 'E_OUTSIDE', 'an absolute path', [{ name: 'labs\\evil.ts' }]],
    [
      'a symbolic link',
      'E_LINK',
      'a symbolic link: "labs/b.ts"',
      [{ name: 'labs/b.ts', type: '2', link: '/etc/passwd' }],
    ],
    [
      'a link and a file behind it',
      'E_LINK',
      'a symbolic link',
      [{ name: 'labs', type: '2', link: '/tmp' }, GOOD],
    ],
    [
      'a hard link',
      'E_LINK',
      'a hard link: "labs/b.ts"',
      [{ name: 'labs/b.ts', type: '1', link: '/etc/passwd' }],
    ],
    ['a device', 'E_SPECIAL_FILE', 'a device, a pipe or a socket', [{ name: 'd.ts', type: '3' }]],
    ['a disk', 'E_SPECIAL_FILE', 'a device, a pipe or a socket', [{ name: 'd.ts', type: '4' }]],
    ['a pipe', 'E_SPECIAL_FILE', 'a device, a pipe or a socket', [{ name: 'p.ts', type: '6' }]],
    [
      'an entry of an unknown kind',
      'E_ARCHIVE',
      'an entry of an unknown kind: "m.ts"',
      [{ name: 'm.ts', type: 'M' }],
    ],
    ['the same name twice', 'E_DUPLICATE', 'two entries for one file: "labs/a.ts"', [GOOD, GOOD]],
    ['the same name in another case', 'E_DUPLICATE', 'two entries', [GOOD, { name: 'labs/A.ts' }]],
    ['a name that is no UTF-8', 'E_NAME', 'odd characters', [{ name: Buffer.from([0x61, 0xff, 0xfe]) }]],
    ['a name with an escape', 'E_NAME', 'odd characters', [{ name: 'a\u001B[2J.ts' }]],
    [
      'too many entries',
      'E_TOO_LARGE',
      'more than 20 files and folders',
      many(21, '/').map((each) => ({ ...each, type: '5' })),
    ],
    ['too many files', 'E_TOO_LARGE', 'more than 10 files', many(11, '.txt')],
    ['folders without end', 'E_TOO_LARGE', 'folders more than 4 deep', [{ name: 'a/b/c/d/e.ts' }]],
    [
      'a program that is too long',
      'E_TOO_LARGE',
      'a program of more than',
      [{ name: 'a.ts', bytes: ZEROS.subarray(0, 45_000) }],
    ],
    [
      'a bomb',
      'E_TOO_LARGE',
      'more than 100 bytes unpacked for each',
      [{ name: 'a.bin', bytes: ZEROS.subarray(0, 500_000) }],
    ],
    [
      'a bomb in what is passed over',
      'E_TOO_LARGE',
      'more than 100 bytes',
      [{ name: 'node_modules/a.bin', bytes: ZEROS.subarray(0, 500_000) }],
    ],
  ]

test.each(ZIPS)('a zip with %s is refused as %s: %s', async (_, code, says, entries) => {
  await expectRefused('a.zip', zipOf(entries), code, says)
})

test.each(TARS)('a tar with %s is refused as %s: %s', async (_, code, says, entries) => {
  await expectRefused('a.tar.gz', tarGzOf(entries), code, says)
})

const BROKEN: ReadonlyArray<readonly [what: string, name: string, bytes: Buffer]> = [
  ['nothing in it', 'a.zip', Buffer.alloc(0)],
  ['half of it', 'a.zip', zipOf([GOOD]).subarray(0, 60)],
  ['something else in it', 'a.zip', Buffer.from('<html>sign in first</html>')],
  ['nothing in it', 'a.tar.gz', Buffer.alloc(0)],
  ['half of it', 'a.tar.gz', tarGzOf([{ ...GOOD, bytes: noise(20_000) }]).subarray(0, 9_000)],
  ['half of it, unpacked', 'a.tar', tarOf([{ ...GOOD, bytes: noise(20_000) }]).subarray(0, 9_000)],
  ['something else in it', 'a.tar.gz', Buffer.from('<html>sign in first</html>'.repeat(100))],
  ['something else in the gzip', 'a.tgz', gzipSync(noise(5_000))],
]

test.each(BROKEN)('an archive with %s, %s, is broken', async (_, name, bytes) => {
  await expectRefused(name, bytes, 'E_ARCHIVE', 'the archive is broken')
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
