import { describe, expect, test } from 'vitest'
import { allBytes, decidingBytes } from '../../workbook/report/bytes-whole.ts'
import { shownWhole } from '../../workbook/wire/ladder.ts'
import { keptBytes, turnsOf } from '../../workbook/wire/turns.ts'
import { Transcript, type WireEvent } from '../../workbook/wire/transcript.ts'
import { data, segment } from './report-fixtures.ts'

/** What lies behind the arrows of a ladder, as people read a message. */

const REQUEST =
  'GET /lighthouse HTTP/1.1\r\nHost: harbour.example\r\nConnection: close-up, keep-alive\r\n\r\n'
const IDLE: WireEvent = { kind: 'idle', note: '' }
const PLACE = { at: Infinity, width: 60, shown: new Set<Uint8Array>(), most: 40 }

describe('a turn', () => {
  test('goes on over pieces, silences and other connections, until the other side speaks', () => {
    const turns = turnsOf([
      data('peer', 'client', 1, 'GET / '),
      IDLE,
      data('peer', 'client', 2, 'GET /other '),
      data('peer', 'client', 1, 'HTTP/1.1\r\n\r\n'),
      data('you', 'client', 1, 'HTTP/1.1 200 OK\r\n\r\n'),
      data('peer', 'client', 1, 'GET /2 '),
    ])
    expect(turns.map((turn) => [turn.connection, turn.from, turn.offset, String(keptBytes(turn))])).toEqual([
      [1, 'peer', 0, 'GET / HTTP/1.1\r\n\r\n'],
      [2, 'peer', 0, 'GET /other '],
      [1, 'you', 0, 'HTTP/1.1 200 OK\r\n\r\n'],
      [1, 'peer', 18, 'GET /2 '],
    ])
  })

  test('is each datagram by itself where it is told in words, with all of its words', () => {
    const words = (text: string) =>
      ({ ...data('you', 'peer', 1, text), length: 120, described: true }) as WireEvent
    const wire = [words('seq 1 ack 7'), words('seq 101 ack 7')]
    expect(decidingBytes(wire, PLACE)).toEqual(['you to peer, 120 B', '  seq 101 ack 7'])
    expect(turnsOf(wire)).toHaveLength(2)
  })

  test('has no bytes behind a piece that was not kept whole', () => {
    const long = { ...data('peer', 'client', 1, 'abc'), length: 100 } as WireEvent
    const [turn] = turnsOf([long, data('peer', 'client', 1, 'def')])
    expect(turn?.length).toBe(103)
    expect(turn && String(keptBytes(turn))).toBe('abc')
  })
})

describe('the bytes that decide', () => {
  test('are those that the ladder cuts, a line of the wire to a line, with its end', () => {
    const wire = [segment('connect', 'peer', 'client', 1), data('peer', 'client', 1, REQUEST)]
    expect(decidingBytes(wire, PLACE)).toEqual([
      'client to you, 85 B',
      String.raw`  GET /lighthouse HTTP/1.1\r\n`,
      String.raw`  Host: harbour.example\r\n`,
      String.raw`  Connection: close-up, keep-alive\r\n`,
      String.raw`  \r\n`,
    ])
  })

  test('are not told twice: what the ladder shows whole is left out', () => {
    const short = data('peer', 'client', 1, 'GET / HTTP/1.1\r\n\r\n')
    const long = data('you', 'client', 1, REQUEST)
    const heads = (events: readonly WireEvent[], maxRows?: number): string[] => {
      const shown = shownWhole(events, { width: 74, ...(maxRows !== undefined && { maxRows }) })
      return decidingBytes(events, { ...PLACE, shown }).filter((line) => !line.startsWith(' '))
    }
    expect(heads([short, long])).toEqual(['you to client, 85 B'])
    const notes = Array.from({ length: 9 }, (): WireEvent => ({ kind: 'note', from: 'peer', text: 'a step' }))
    expect(heads([...notes, short, ...notes], 8)).toEqual(['client to you, 18 B'])
  })

  test('came before the failure: what follows upon it decides nothing', () => {
    const wire = [data('peer', 'client', 1, REQUEST), data('you', 'client', 1, REQUEST)]
    expect(decidingBytes(wire, { ...PLACE, at: 1 })).toHaveLength(5)
  })

  test('are the last of each side of each connection, and each connection is named', () => {
    const wire = [1, 2].flatMap((connection) => [
      data('peer', 'client', connection, `${REQUEST}old`),
      data('you', 'client', connection, REQUEST),
      data('peer', 'client', connection, REQUEST),
    ])
    const heads = decidingBytes(wire, PLACE).filter((line) => !line.startsWith(' '))
    expect(heads).toEqual([
      'you to client, connection 1, 85 B',
      'client, connection 1, to you, 85 B',
      'you to client, connection 2, 85 B',
      'client, connection 2, to you, 85 B',
    ])
  })

  test('find room, the newest first; a long body does not take it from the head', () => {
    const body = 'a line of a body\r\n'.repeat(100)
    const wire = [data('you', 'client', 1, REQUEST), data('peer', 'client', 1, REQUEST + body)]
    const lines = decidingBytes(wire, { ...PLACE, most: 16 })
    expect(lines).toHaveLength(15)
    expect(lines.at(-1)).toBe('  … 91 more lines')
    expect(decidingBytes(wire, { ...PLACE, most: 3 })).toEqual([])
  })

  test('are the last that the ladder does not show: a byte that came alone leaves its head to be told', () => {
    const byte = data('peer', 'client', 1, '/')
    const wire = [data('peer', 'client', 1, REQUEST), data('you', 'client', 1, 'ok'), byte]
    const shown = new Set(wire.slice(1).flatMap((event) => (event.kind === 'data' ? [event.bytes] : [])))
    expect(decidingBytes(wire, { ...PLACE, shown })[0]).toBe('client to you, 85 B')
  })

  test('of a body that is no text are its beginning and its end, so that the next head finds room', () => {
    const [, , ...lines] = decidingBytes(
      [data('peer', 'client', 1, `A: 1\r\n${'\xff'.repeat(100)}GET / HTTP/1.1\r\n`)],
      { ...PLACE, width: 42 },
    )
    expect(lines).toHaveLength(5)
    expect(lines[3]).toMatch(/^ {2}… \d+ lines of it …$/)
    expect(lines[4]).toMatch(/HTTP\/1\.1\\r\\n$/)
  })

  test('are broken at the width, never inside an escape', () => {
    const [, ...lines] = decidingBytes([data('peer', 'client', 1, '\xff'.repeat(25))], {
      ...PLACE,
      width: 23,
    })
    expect(lines.every((line) => /^ {2}(\\xff){1,5}$/.test(line))).toBe(true)
    expect(lines.join('').replaceAll(' ', '')).toBe(String.raw`\xff`.repeat(25))
  })
})

test('every message of a run, in order, each with its place among the bytes of its side', () => {
  const wire = [
    data('peer', 'client', 1, 'one\n'),
    data('you', 'client', 1, 'ONE\n'),
    data('peer', 'client', 1, 'two\n'),
  ]
  expect(allBytes(wire, 60)).toEqual([
    'client to you, 4 B, bytes 0 to 3',
    String.raw`  one\n`,
    'you to client, 4 B, bytes 0 to 3',
    String.raw`  ONE\n`,
    'client to you, 4 B, bytes 4 to 7',
    String.raw`  two\n`,
  ])
})

test('a transcript keeps messages whole, and of a flood the beginnings', () => {
  const transcript = new Transcript()
  const kept = (length: number): number => {
    transcript.data('you', 'client', 1, Buffer.alloc(length))
    const event = transcript.events.at(-1)
    return event?.kind === 'data' ? event.bytes.length : -1
  }
  expect([kept(2_000), kept(10_000)]).toEqual([2_000, 4_096])
  const flood = Array.from({ length: 60 }, () => kept(65_536))
  expect(flood.at(-1)).toBe(512)
})
