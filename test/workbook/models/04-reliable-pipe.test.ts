import { describe, expect, test } from 'vitest'
import { End, type Coming, type Due, type Role } from '../../labs/04-reliable-pipe/model.ts'
import { checksum, encode, read, readdress, withChecksum } from '../../labs/04-reliable-pipe/segment.ts'

/** What the model of lab 04 says of single states, without a program. */

const OPTIONS = { mss: 100, windowBytes: 300, rtoMs: 10, maxAttempts: 3 }
const segment = (what: Partial<Coming> = {}): Coming => ({
  number: 1,
  flags: ['ACK'],
  length: 0,
  ack: 1,
  window: 1_000,
  ...what,
})

function open(role: Role): End {
  const end = new End(role, OPTIONS)
  if (role === 'opener') {
    end.begin()
    end.comes(segment({ number: 0, flags: ['SYN', 'ACK'] }))
  } else {
    end.comes(segment({ number: 0, flags: ['SYN'] }))
    end.comes(segment())
  }
  return end
}

const again = (due: Due): number[] => due.again.map(({ at }) => at)

describe.each(['opener', 'listener'] as const)('an end that is %s', (role) => {
  test('is open once, and has sent one number', () => {
    const end = open(role)
    expect([end.state, end.opened, end.oldest, end.next, end.expected]).toEqual(['ESTABLISHED', 1, 1, 1, 1])
  })

  test('sends what the window allows, and the rest when it opens', () => {
    const end = open(role)
    expect(end.write(1_500)).toMatchObject({ from: 1, to: 1_001 })
    expect(end.comes(segment({ ack: 501, window: 600 }))).toMatchObject({ from: 1_001, to: 1_101 })
  })

  test('sends the oldest number again, and gives up behind the last wait', () => {
    const end = open(role)
    end.write(250)
    expect([again(end.later(9)), again(end.later(1)), again(end.later(20))]).toEqual([[], [1], [1]])
    expect([again(end.later(39)), end.state]).toEqual([[], 'ESTABLISHED'])
    end.later(1)
    expect([end.state, end.ending]).toEqual(['OVER', 'timed-out'])
  })

  test('probes a window of 0 for ever, if it is answered', () => {
    const end = open(role)
    end.write(2_000)
    end.comes(segment({ ack: 1_001, window: 0 }))
    for (const wait of [10, 20, 40, 80]) {
      expect(again(end.later(wait))).toEqual([1_001])
      end.comes(segment({ ack: 1_001, window: 0 }))
    }
    expect(end.comes(segment({ ack: 1_001, window: 50 }))).toMatchObject({ from: 1_001, to: 1_051 })
  })

  test('keeps what is early within its window, and nothing behind it', () => {
    const end = open(role)
    end.comes(segment({ number: 101, length: 100 }))
    end.comes(segment({ number: 251, length: 100 }))
    expect([end.expected, end.arrived]).toEqual([1, 0])
    end.comes(segment({ length: 100 }))
    expect([end.expected, end.arrived, end.window]).toEqual([201, 200, 100])
    end.comes(segment({ number: 201, length: 50 }))
    expect([end.expected, end.window]).toEqual([301, 0])
  })

  test('is clean when both directions are over, and stays for a while', () => {
    const end = open(role)
    end.finish()
    end.comes(segment({ flags: ['FIN', 'ACK'], ack: 2 }))
    expect([end.ending, end.lingersTo]).toEqual(['clean', 80])
    end.later(79)
    end.comes(segment({ flags: ['FIN', 'ACK'], ack: 2 }))
    end.later(79)
    expect(end.state).toBe('ESTABLISHED')
    end.later(1)
    expect(end.state).toBe('OVER')
  })

  test('is reset by the expected number alone', () => {
    const end = open(role)
    end.comes(segment({ number: 2, flags: ['RST'] }))
    expect(end.ending).toBeNull()
    end.comes(segment({ flags: ['RST'] }))
    const answer = role === 'opener' ? 'none' : 'reset'
    expect([end.ending, end.comes(segment()).answer]).toEqual(['reset', answer])
  })
})

test('a segment that nobody answers opens nothing', () => {
  const end = new End('opener', OPTIONS)
  end.begin()
  end.later(70)
  expect([end.state, end.opened, end.ending]).toEqual(['OVER', 0, 'timed-out'])
})

describe('a segment', () => {
  const whole = {
    sourcePort: 50_000,
    destinationPort: 8_080,
    sequence: 1_000,
    acknowledgement: 2_000,
    flags: ['ACK'],
    window: 4_096,
    payload: Buffer.from('hello'),
  } as const

  test('is laid out as the page shows it', () => {
    const hex = 'c3501f90000003e8000007d000101000bd7f000568656c6c6f'
    expect(encode(whole).toString('hex')).toBe(hex)
    expect(read(encode(whole))).toEqual(whole)
  })

  test('is damaged by any bit', () => {
    const bytes = encode(whole)
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const damaged = Buffer.from(bytes)
      damaged[bit >> 3] = (damaged[bit >> 3] ?? 0) ^ (1 << (bit % 8))
      expect(typeof read(damaged)).toBe('string')
    }
  })

  test('gets other ports on its way, and a wrong checksum stays wrong', () => {
    const bytes = encode(whole)
    expect(read(readdress(bytes, 1, 65_535))).toEqual({ ...whole, sourcePort: 1, destinationPort: 65_535 })
    bytes[17] = (bytes[17] ?? 0) ^ 4
    expect(read(readdress(bytes, 1, 65_535))).toBe('a segment with a wrong checksum')
  })

  test('has a checksum that makes all words add up', () => {
    expect(checksum(withChecksum(Buffer.alloc(1_001, 0xff)))).toBe(0)
  })
})
