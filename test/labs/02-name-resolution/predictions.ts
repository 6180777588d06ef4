/** Why the wire showed what it did, for whoever predicted something else: by question and by what was seen. */
export const WHY = {
  P1: {
    a: 'That there is no such name is an answer, and comes as quickly as an address would. Silence is known only when all waits are over.',
    b: 'Your resolver gave up at once where nobody had answered yet.',
    c: 'Your resolver took as long for an answer as for silence.',
  },
  P2: {
    a: 'Each of your callers asked for itself.',
    b: 'The four others had the same question as the first, and its answer was theirs.',
    c: 'Nothing was asked.',
  },
  P3: {
    a: 'Your resolver kept the answer as long as the address alone allows.',
    b: 'The name is the alias: nobody knows where it leads when its own 20 seconds are over, however good the address is.',
  },
} as const
