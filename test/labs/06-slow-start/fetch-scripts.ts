/** What happens to the connections of one call, and what every run visits. */

export type Ending =
  | 'FIN'
  | 'RST'
  | 'FIN before the last byte'
  | 'RST before the last byte'
  | 'FIN in the head'
  | 'no HTTP'
  | 'a length that is no number'

/** What happens on one connection: they are numbered in the order in which targets are dealt to them. */
export type Step =
  | { readonly page: { readonly others: number; readonly connections: number } }
  | { readonly answer: number; readonly pieces?: number; readonly body?: number; readonly status?: number }
  | { readonly fails: number; readonly by: Ending }
  /** The server ends a connection that has nothing left to ask. */
  | { readonly leaves: number; readonly by: 'FIN' | 'RST' }
  | { readonly hour: true }

export const begin = (others: number, connections: number): Step => ({ page: { others, connections } })
export const answer = (
  hand: number,
  more: { pieces?: number; body?: number; status?: number } = {},
): Step => ({
  answer: hand,
  ...more,
})
export const fails = (hand: number, by: Ending): Step => ({ fails: hand, by })
export const leaves = (hand: number, by: 'FIN' | 'RST' = 'FIN'): Step => ({ leaves: hand, by })
const inTurn = (...hands: readonly number[]): Step[] => hands.map((hand) => answer(hand))

export const ENDINGS: readonly Ending[] = [
  'FIN',
  'RST',
  'FIN before the last byte',
  'RST before the last byte',
  'FIN in the head',
  'no HTTP',
  'a length that is no number',
]

export const SCRIPTS = {
  R13: {
    'one target': [begin(0, 1), answer(0)],
    'one target, and many connections allowed': [begin(0, 6), answer(0)],
    'three over one connection': [begin(2, 1), ...inTurn(0, 0, 0)],
    'responses in pieces': [
      begin(2, 1),
      answer(0, { pieces: 5 }),
      answer(0, { pieces: 2, body: 40_000 }),
      answer(0, { pieces: 8, body: 0 }),
    ],
    'any status is a response': [
      begin(5, 2),
      answer(0, { status: 302 }),
      answer(0, { status: 404 }),
      answer(1, { status: 500 }),
      answer(1, { status: 200, body: 0 }),
      answer(0, { status: 503 }),
      answer(0, { status: 201 }),
    ],
    'the last of them first': [begin(4, 2), ...inTurn(0, 1, 1, 0, 0)],
    'a server that takes an hour': [begin(2, 2), { hour: true }, answer(0), { hour: true }, ...inTurn(1, 0)],
  },
  R14: {
    'as many connections as others': [begin(3, 3), ...inTurn(0, 2, 1, 0)],
    'more connections allowed than others': [begin(2, 6), ...inTurn(0, 1, 0)],
    'one other, and its connection is there': [begin(1, 6), ...inTurn(0, 0)],
    'five over two': [begin(5, 2), ...inTurn(0, 0, 1, 0, 1, 0)],
    'seven over three': [begin(7, 3), ...inTurn(0, 2, 2, 1, 0, 0, 1, 0)],
    'a slow one keeps what was dealt to it': [begin(6, 2), ...inTurn(0, 1, 1, 1, 0, 0, 0)],
    'the first one has had only the page': [begin(4, 2), ...inTurn(0, 0, 0, 1, 1)],
    'thirteen over six': [begin(13, 6), ...inTurn(0, 5, 4, 3, 2, 1, 0, 5, 4, 3, 2, 1, 0, 0)],
    'twelve over one': [begin(12, 1), ...Array.from({ length: 13 }, () => answer(0))],
  },
  R15: {
    ...Object.fromEntries(
      ENDINGS.flatMap((by) => [
        [`${by}, at the first target`, [begin(3, 2), fails(0, by)]],
        [`${by}, on the kept connection`, [begin(3, 2), answer(0), fails(0, by)]],
        [`${by}, on another one`, [begin(5, 2), ...inTurn(0, 1, 0), fails(1, by)]],
      ]),
    ),
    'FIN on a connection that has nothing left': [begin(3, 2), ...inTurn(0, 1), leaves(1), ...inTurn(0, 0)],
    'RST on a connection that has nothing left': [
      begin(3, 2),
      ...inTurn(0, 1),
      leaves(1, 'RST'),
      ...inTurn(0, 0),
    ],
    'the first one has nothing left, and ends': [
      begin(4, 2),
      ...inTurn(0, 0, 0),
      leaves(0, 'RST'),
      ...inTurn(1, 1),
    ],
    'and then another one fails': [begin(4, 2), ...inTurn(0, 0, 0), leaves(0), fails(1, 'RST')],
  },
} satisfies Record<string, Record<string, readonly Step[]>>
