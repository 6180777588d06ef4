import { once } from 'node:events'
import http2 from 'node:http2'
import type net from 'node:net'
import { expect, describe, test } from 'vitest'
import { CODE_LENGTHS, STATIC_TABLE } from '../../labs/kit/hpack-tables.ts'
import { HpackDecoder, HpackEncoder, HpackError } from '../../labs/kit/hpack.ts'
import type { Headers } from '../../labs/kit/http.ts'
import { decodeHuffman, encodeHuffman } from '../../labs/kit/huffman.ts'

/** The kit's HPACK against the examples of RFC 7541 App. C, and against Node's own. */

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex')
const bytes = (block: Buffer): string => block.toString('hex')

const REQUESTS: ReadonlyArray<Headers> = [
  [
    [':method', 'GET'],
    [':scheme', 'http'],
    [':path', '/'],
    [':authority', 'www.example.com'],
  ],
  [
    [':method', 'GET'],
    [':scheme', 'http'],
    [':path', '/'],
    [':authority', 'www.example.com'],
    ['cache-control', 'no-cache'],
  ],
  [
    [':method', 'GET'],
    [':scheme', 'https'],
    [':path', '/index.html'],
    [':authority', 'www.example.com'],
    ['custom-key', 'custom-value'],
  ],
]

/** App. C.4. */
const CODED = [
  '8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff',
  '8286 84be 5886 a8eb 1064 9cbf',
  '8287 85bf 4088 25a8 49e9 5ba9 7d7f 8925 a849 e95b b8e8 b4bf',
].map(hex)

/** App. C.3: the same without the Huffman code. */
const PLAIN = [
  '8286 8441 0f77 7777 2e65 7861 6d70 6c65 2e63 6f6d',
  '8286 84be 5808 6e6f 2d63 6163 6865',
  '8287 85bf 400a 6375 7374 6f6d 2d6b 6579 0c63 7573 746f 6d2d 7661 6c75 65',
].map(hex)

describe('the examples of RFC 7541', () => {
  test('C.2: the four representations', () => {
    const decode = (block: string) => new HpackDecoder().decode(hex(block))
    expect(decode('400a 6375 7374 6f6d 2d6b 6579 0d63 7573 746f 6d2d 6865 6164 6572')).toEqual([
      ['custom-key', 'custom-header'],
    ])
    expect(decode('040c 2f73 616d 706c 652f 7061 7468')).toEqual([[':path', '/sample/path']])
    expect(decode('1008 7061 7373 776f 7264 0673 6563 7265 74')).toEqual([['password', 'secret']])
    expect(decode('82')).toEqual([[':method', 'GET']])
  })

  test('C.3 and C.4: three requests on one connection', () => {
    for (const blocks of [PLAIN, CODED]) {
      const decoder = new HpackDecoder()
      expect(blocks.map((block) => decoder.decode(block))).toEqual(REQUESTS)
    }
    const encoder = new HpackEncoder()
    expect(REQUESTS.map((fields) => bytes(encoder.encode(fields)))).toEqual(CODED.map(bytes))
  })

  test('C.1: integers of one byte and of three, by lengths of strings', () => {
    const block = new HpackEncoder().encode([['x', '\u0000'.repeat(1_337)]])
    // 1337 with a prefix of 7 bits (C.1.2 has one of 5): 127, then 1210 in sevens of bits.
    expect(bytes(block.subarray(0, 6))).toBe(bytes(Buffer.from([0x40, 1, 0x78, 0x7f, 0xba, 0x09])))
    expect(new HpackDecoder().decode(block)?.[0]?.[1]).toHaveLength(1_337)
  })
})

describe('the tables', () => {
  test('have 61 entries, and a code for each byte that no other one begins with', () => {
    expect(STATIC_TABLE).toHaveLength(61)
    expect([STATIC_TABLE[1], STATIC_TABLE[15], STATIC_TABLE[60]]).toEqual([
      [':method', 'GET'],
      ['accept-encoding', 'gzip, deflate'],
      ['www-authenticate', ''],
    ])
    // Kraft: the codes fill the tree, and no place is left.
    expect(CODE_LENGTHS.reduce((sum, length) => sum + 2 ** -length, 0)).toBe(1)
  })

  test('every byte comes back from the Huffman code, and broken code does not', () => {
    const all = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte))
    expect(decodeHuffman(encodeHuffman(all))).toEqual(all)
    expect(decodeHuffman(Buffer.alloc(0))).toEqual(Buffer.alloc(0))
    for (const broken of ['ff', 'ffff', '00', 'fffffffc', '1c'].map(hex))
      expect(decodeHuffman(broken)).toBeNull()
  })
})

describe('bounds', () => {
  test.each([
    ['an entry that is in no table', 'be'],
    ['entry 0', '80'],
    ['an integer without an end', `7f${'ff'.repeat(9)}01`],
    ['a string longer than the block', '400561'],
    ['a block that ends in a field', '40'],
    ['a larger table than was offered', '3fe220'],
    ['a change of the table behind a field', '8220'],
    ['broken Huffman code', '408100'],
  ])('%s is an error', (_what, block) => {
    expect(() => new HpackDecoder().decode(hex(block))).toThrow(HpackError)
  })

  test('a section over the limit is null, and the table is right behind it', () => {
    const [encoder, decoder] = [new HpackEncoder(), new HpackDecoder({ maxListBytes: 100 })]
    const fits: Headers = [['x-a', 'a'.repeat(65)]]
    expect(decoder.decode(encoder.encode(fits))).toEqual(fits)
    expect(decoder.decode(encoder.encode([['x-b', 'b'.repeat(66)]]))).toBeNull()
    expect(decoder.decode(encoder.encode([['x-b', 'b'.repeat(65)]]))).toEqual([['x-b', 'b'.repeat(65)]])
    expect(decoder.decode(encoder.encode(fits))).toEqual(fits)
  })

  test('the table holds 4096 bytes, and gives up the oldest', () => {
    const [encoder, decoder] = [new HpackEncoder(), new HpackDecoder()]
    const field = (number: number): Headers => [[`x-${number}`, 'v'.repeat(60)]]
    for (let number = 0; number < 500; number++) {
      const fields = [
        ...field(number),
        ...field(Math.max(0, number - 30)),
        ...field(Math.max(0, number - 60)),
      ]
      expect(decoder.decode(encoder.encode(fields))).toEqual(fields)
    }
  })

  test('a smaller table is told at the next block, the least size first', () => {
    const [encoder, decoder] = [new HpackEncoder(), new HpackDecoder()]
    const fields: Headers = [['x-a', 'a']]
    decoder.decode(encoder.encode(fields))
    encoder.limitTable(0)
    encoder.limitTable(2 ** 30)
    const block = encoder.encode(fields)
    expect(bytes(block.subarray(0, 4))).toBe('203fe11f')
    expect(decoder.decode(block)).toEqual(fields)
    encoder.limitTable(0)
    for (let turn = 0; turn < 3; turn++) expect(decoder.decode(encoder.encode(fields))).toEqual(fields)
  })

  test('secrets are in no table', () => {
    const encoder = new HpackEncoder()
    const first = encoder.encode([['authorization', 'Basic dTpw']])
    expect(bytes(encoder.encode([['authorization', 'Basic dTpw']]))).toBe(bytes(first))
    expect((first[0] ?? 0) & 0xf0).toBe(0x10)
  })
})

test('Node reads what the encoder writes, and the decoder what Node writes', async () => {
  const server = http2.createServer()
  const seen: string[][] = []
  server.on('stream', (stream: http2.ServerHttp2Stream, _headers: unknown, _flags: number, raw: string[]) => {
    seen.push(raw)
    stream.respond({
      ':status': 203,
      'x-long': 'é'.repeat(300),
      'x-n': String(seen.length),
      'set-cookie': ['a', 'b'],
    })
    stream.end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as net.AddressInfo
  const { H2Client } = await import('../../solutions/18-multiplexing/h2.ts')
  const client = await H2Client.connect(port)
  for (let turn = 1; turn <= 30; turn++) {
    const headers: Headers = [
      ['x-turn', `${turn % 3}`],
      ['x-latin', 'ÿ€'.slice(0, 1)],
      ['cookie', `a=${turn}`],
    ]
    const response = await client.request({ target: `/${turn}`, headers })
    expect(response.status).toBe(203)
    expect(response.headers.filter(([name]) => name === 'x-n' || name === 'set-cookie')).toEqual([
      ['x-n', `${turn}`],
      ['set-cookie', 'a'],
      ['set-cookie', 'b'],
    ])
    const at = seen.at(-1) ?? []
    expect(at[at.indexOf(':path') + 1]).toBe(`/${turn}`)
    expect(at[at.indexOf('x-turn') + 1]).toBe(`${turn % 3}`)
  }
  await client.close()
  server.close()
})
