/** What happens to a sender, and the histories that every run visits. */

/** How much is in flight, told by the window of the moment. */
export type Flight =
  | 'the window'
  | 'half of it'
  | 'an odd part'
  | 'one segment'
  | 'nothing but a byte'
  | 'ten segments'

export type Step =
  | {
      readonly acks: number
      readonly of: 'a segment' | 'half a segment' | 'two segments' | 'a byte' | 'the window'
    }
  | { readonly duplicates: number; readonly flight: Flight }
  | { readonly timeout: Flight }
  | { readonly idle: 'just the timeout' | 'a millisecond longer' | 'for an hour' | 'shorter' | 'not at all' }

export const acks = (number: number, of: Extract<Step, { acks: number }>['of'] = 'a segment'): Step => ({
  acks: number,
  of,
})
export const duplicates = (number: number, flight: Flight = 'the window'): Step => ({
  duplicates: number,
  flight,
})
export const timeout = (flight: Flight = 'the window'): Step => ({ timeout: flight })
export const idle = (how: Extract<Step, { idle: string }>['idle']): Step => ({ idle: how })

export const FLIGHTS: readonly Flight[] = [
  'the window',
  'half of it',
  'an odd part',
  'one segment',
  'nothing but a byte',
  'ten segments',
]

/** After a loss: through slow start, over the threshold, and on for some windows. */
const ON = [acks(40), acks(3, 'two segments'), acks(5, 'half a segment')]

export const SCRIPTS = {
  R2: {
    'a segment for each acknowledgement': [acks(12)],
    'two segments, acknowledged by one': [acks(4, 'two segments'), acks(2)],
    'the whole window, acknowledged by one': [acks(3, 'the window')],
    'less than a segment': [acks(3, 'half a segment'), acks(2, 'a byte'), acks(1)],
    'a window of any size: no loss, no limit': [acks(300)],
  },
  R4: {
    'as many as it takes to reach the threshold, and on': [acks(20), timeout(), ...ON],
    'bytes that are acknowledged two segments at a time': [
      acks(10),
      timeout(),
      acks(12),
      acks(30, 'two segments'),
    ],
    'small pieces add up': [
      acks(4),
      timeout(),
      acks(10),
      acks(60, 'half a segment'),
      acks(9, 'a byte'),
      acks(20),
    ],
    'a window at a time': [acks(6), timeout(), acks(12), acks(6, 'the window'), acks(9)],
  },
  R5: {
    'a timeout with a full window': [acks(9), timeout(), ...ON],
    ...Object.fromEntries(
      FLIGHTS.map((flight) => [`a timeout with ${flight} in flight`, [acks(25), timeout(flight), ...ON]]),
    ),
    'small acknowledgements below the least threshold': [
      acks(25),
      timeout('one segment'),
      acks(5, 'half a segment'),
      ...ON,
    ],
    'a duplicate between two of them': [
      acks(30),
      timeout(),
      duplicates(1, 'ten segments'),
      timeout('one segment'),
      ...ON,
    ],
    'at the very beginning': [timeout('one segment'), ...ON],
    'a second one: the threshold is held': [acks(30), timeout('half of it'), timeout('one segment'), ...ON],
    'a third one': [acks(30), timeout(), timeout('one segment'), timeout('one segment'), ...ON],
    'a second one after an acknowledgement': [acks(30), timeout('half of it'), acks(3), timeout(), ...ON],
    'a second one after the acknowledgement that ended a recovery': [
      acks(30),
      timeout('half of it'),
      duplicates(3, 'ten segments'),
      acks(1),
      timeout(),
      ...ON,
    ],
    'above the threshold': [acks(20), timeout(), acks(30), timeout('an odd part'), ...ON],
    'after two duplicates': [acks(20), duplicates(2), timeout('half of it'), duplicates(1), ...ON],
    'while it recovers': [acks(20), duplicates(5), timeout('half of it'), ...ON],
    'while it recovers, and a duplicate after it': [
      acks(20),
      duplicates(4),
      timeout(),
      duplicates(2),
      acks(9),
    ],
  },
  R6: {
    'two duplicates are none': [acks(10), duplicates(2), acks(2), duplicates(2), acks(3)],
    ...Object.fromEntries(
      FLIGHTS.map((flight) => [`three with ${flight} in flight`, [acks(25), duplicates(3, flight), ...ON]]),
    ),
    'a fourth and more': [acks(20), duplicates(9), ...ON],
    'a second loss after the first': [acks(20), duplicates(6), acks(7), duplicates(4, 'half of it'), ...ON],
    'at once after the recovery': [acks(20), duplicates(3), acks(1), duplicates(3), acks(1), ...ON],
    'after a timeout': [acks(20), timeout(), acks(6), duplicates(3, 'an odd part'), ...ON],
    'at once after a timeout': [acks(20), timeout(), duplicates(4, 'ten segments'), ...ON],
    'less is acknowledged than a segment': [acks(20), duplicates(4), acks(1, 'a byte'), ...ON],
    'one ACK for two segments ends the recovery': [acks(20), duplicates(4), acks(1, 'two segments'), ...ON],
    'half a count is forgotten': [acks(20), timeout(), acks(25), acks(2), duplicates(3), ...ON],
    'a timeout holds what three duplicates left': [
      acks(30),
      timeout('half of it'),
      duplicates(3, 'ten segments'),
      timeout('one segment'),
      ...ON,
    ],
  },
  R7: {
    'longer than the timeout': [acks(30), idle('a millisecond longer'), ...ON],
    'as long as the timeout, and shorter': [
      acks(30),
      idle('just the timeout'),
      idle('shorter'),
      idle('not at all'),
      acks(3),
    ],
    'for an hour': [acks(60), idle('for an hour'), acks(4)],
    'a window below the initial one': [acks(3), timeout(), acks(1), idle('for an hour'), ...ON],
    'half a count is forgotten, though the window is below the initial one': [
      acks(9),
      timeout('one segment'),
      acks(2),
      idle('a millisecond longer'),
      ...ON,
    ],
    'the threshold stays': [acks(40), timeout(), acks(60), idle('a millisecond longer'), ...ON],
    'the threshold stays, far below the window': [
      acks(3),
      timeout('one segment'),
      acks(40, 'the window'),
      idle('a millisecond longer'),
      ...ON,
    ],
    'at the very beginning': [idle('for an hour'), acks(3), idle('shorter'), acks(1)],
    twice: [acks(20), idle('for an hour'), acks(20), idle('for an hour'), acks(2)],
    'after a recovery': [acks(30), duplicates(4), acks(20), idle('for an hour'), ...ON],
  },
} satisfies Record<string, Record<string, readonly Step[]>>
