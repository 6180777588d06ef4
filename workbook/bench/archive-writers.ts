import { crc32, deflateRawSync, gzipSync } from 'node:zlib'

/**
 * Archives byte by byte: for submissions of the bench, and for tests that need what no program would
 * write. (The libraries that the workbook has only read zips, and write tars from files alone.)
 */

export interface ZipEntry {
  /** Its bytes, where the name is no text; written as UTF-8 if a string. */
  readonly name: string | Uint8Array
  readonly bytes?: Uint8Array | string
  /** File type and permissions of UNIX: 0o100644 is a regular file. */
  readonly mode?: number
  /** Bit 0 says encrypted; bit 11 says that the name is UTF-8. */
  readonly flags?: number
  /** 0 stored, 8 deflated. */
  readonly method?: number
  /** What the entry tells of its size, whatever it holds. */
  readonly claims?: number
}

/** APPNOTE.TXT 6.3: §4.3.7 local header, §4.3.12 central directory, §4.3.16 its end. */
export function zipOf(entries: readonly ZipEntry[]): Buffer {
  const locals: Buffer[] = []
  const central: Buffer[] = []
  let offset = 0
  for (const entry of entries) {
    const { name, packed, fields } = packEntry(entry)
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), fields, name, packed])
    const head = Buffer.alloc(46)
    head.write('PK\x01\x02', 'latin1')
    // Made by version 2.0 on UNIX, whose modes stand in the upper half of the attributes.
    head.writeUInt16LE((3 << 8) | 20, 4)
    fields.copy(head, 6)
    head.writeUInt32LE(((entry.mode ?? 0o100644) << 16) >>> 0, 38)
    head.writeUInt32LE(offset, 42)
    locals.push(local)
    central.push(head, name)
    offset += local.length
  }
  const directory = Buffer.concat(central)
  const end = Buffer.alloc(22)
  end.write('PK\x05\x06', 'latin1')
  end.writeUInt16LE(entries.length, 8)
  end.writeUInt16LE(entries.length, 10)
  end.writeUInt32LE(directory.length, 12)
  end.writeUInt32LE(offset, 16)
  return Buffer.concat([...locals, directory, end])
}

export interface TarEntry {
  readonly name: string | Uint8Array
  readonly bytes?: Uint8Array | string
  /** POSIX typeflag: `0` file, `1` hard link, `2` symbolic link, `3` and `4` devices, `5` folder, `6` pipe. */
  readonly type?: string
  readonly link?: string
}

/** POSIX ustar: blocks of 512 bytes, a header before each file, two empty blocks at the end. */
export function tarOf(entries: readonly TarEntry[]): Buffer {
  const blocks = entries.flatMap(({ name, bytes = '', type = '0', link = '' }) => {
    const content = Buffer.from(bytes as string)
    const head = Buffer.alloc(512)
    Buffer.from(name as string).copy(head, 0, 0, 100)
    head.write('0000644\0' + '0000000\0'.repeat(2), 100)
    head.write(`${content.length.toString(8).padStart(11, '0')}\0`, 124)
    head.write('00000000000\0', 136)
    head.write(' '.repeat(8) + type + link, 148)
    head.write('ustar\x0000', 257)
    const sum = head.reduce((total, byte) => total + byte, 0)
    head.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
    return [head, content, Buffer.alloc((512 - (content.length % 512)) % 512)]
  })
  return Buffer.concat([...blocks, Buffer.alloc(1024)])
}

export function tarGzOf(entries: readonly TarEntry[]): Buffer {
  return gzipSync(tarOf(entries))
}

// --- internal ---

/** @returns The fields that both headers share (version to extra length), the name, the bytes. */
function packEntry({ name, bytes = '', flags = 0x800, method = 0, claims }: ZipEntry) {
  const content = Buffer.from(bytes as string)
  const packed = method === 8 ? deflateRawSync(content) : content
  const encoded = Buffer.from(name as string)
  const fields = Buffer.alloc(26)
  for (const [index, value] of [20, flags, method, 0, 0x21].entries()) fields.writeUInt16LE(value, index * 2)
  for (const [index, value] of [crc32(content), packed.length, claims ?? content.length].entries())
    fields.writeUInt32LE(value, 10 + index * 4)
  fields.writeUInt16LE(encoded.length, 22)
  return { name: encoded, packed, fields }
}
