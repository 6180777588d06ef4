import { expect, test } from 'vitest'
import { SharedLine } from '../../workbook/wire/shared-line.ts'

/** Who shares a narrow line: when each segment is through, in units of time. */

interface Entry {
  readonly at: number
  readonly sender: number
  readonly bytes: number
}

/** @returns `sender: bytes @ time` of each segment, in the order in which they are through. */
function carried(rate: number, segmentSize: number, entries: readonly Entry[]): string[] {
  const through: string[] = []
  let now = 0
  const events: Array<{ at: number; run: () => void }> = []
  const line = new SharedLine(rate, segmentSize, (at, run) => void events.push({ at, run }))
  for (const { at, sender, bytes } of entries) {
    const enter = (): void =>
      line.enter(at, sender, Buffer.alloc(bytes), (segment) => {
        through.push(`${sender}: ${segment.length} @ ${now}`)
      })
    events.push({ at, run: enter })
  }
  while (events.length > 0) {
    const first = events.toSorted((a, b) => a.at - b.at)[0] as (typeof events)[number]
    events.splice(events.indexOf(first), 1)
    now = first.at
    first.run()
  }
  return through
}

test('one sender has the line to itself, segment by segment', () => {
  expect(carried(100, 100, [{ at: 0, sender: 1, bytes: 250 }])).toEqual([
    '1: 100 @ 1',
    '1: 100 @ 2',
    '1: 50 @ 2.5',
  ])
})

test('three that begin together take three times as long, and are through at the same time', () => {
  const three = [1, 2, 3].map((sender) => ({ at: 2, sender, bytes: 1_000 }))
  expect(carried(100, 1_000, three)).toEqual(['1: 1000 @ 32', '2: 1000 @ 32', '3: 1000 @ 32'])
})

test('whoever comes later slows the first down, and the last one is quick again', () => {
  const entries = [
    { at: 0, sender: 1, bytes: 200 },
    { at: 1, sender: 2, bytes: 200 },
  ]
  // Alone until 1, half of the line each until 3, alone until 4.
  expect(carried(100, 200, entries)).toEqual(['1: 200 @ 3', '2: 200 @ 4'])
})

test('more of the same sender waits behind what it has on the line', () => {
  const entries = [
    { at: 0, sender: 1, bytes: 100 },
    { at: 0.5, sender: 1, bytes: 100 },
  ]
  expect(carried(100, 100, entries)).toEqual(['1: 100 @ 1', '1: 100 @ 2'])
})

test('an empty line has saved nothing up', () => {
  const entries = [
    { at: 0, sender: 1, bytes: 100 },
    { at: 7, sender: 1, bytes: 100 },
  ]
  expect(carried(100, 100, entries)).toEqual(['1: 100 @ 1', '1: 100 @ 8'])
})
