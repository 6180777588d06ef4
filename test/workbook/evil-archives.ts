import { BOUNDS, type Bounds } from '../../workbook/batch/bounds.ts'
import type { TarEntry, ZipEntry } from '../../workbook/bench/archive-writers.ts'

/** Archives that nobody should unpack, each with the code and the words of its refusal. */

export const GOOD = { name: 'labs/a.ts', bytes: 'export {}\n' } as const
export const ZEROS = Buffer.alloc(1024 * 1024)
export const LINK_MODE = 0o120777
/** Small enough that a bomb is found at once. */
export const SMALL: Bounds = {
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
export const many = (count: number, name: string) =>
  Array.from({ length: count }, (_, index) => ({ name: `${index}${name}` }))

export const ZIPS: ReadonlyArray<
  readonly [what: string, code: string, says: string, entries: readonly ZipEntry[]]
> = [
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

export const TARS: ReadonlyArray<
  readonly [what: string, code: string, says: string, entries: readonly TarEntry[]]
> = [
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
