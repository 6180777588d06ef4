/** Why the wire showed what it did, for whoever predicted something else: by question and by what was seen. */
export const WHY = {
  P1: {
    a: 'Your program wrote to the server that it did not take.',
    b: 'REQUEST goes to all and names the server that was chosen: that is why it is no message to that one alone.',
    c: 'Your REQUEST went to the chosen server alone, so the other one keeps the address for you.',
  },
  P2: {
    a: 'Your program asked everybody, though it knows whose address it has.',
    b: 'You have an address now, and know whose it is. Everybody is asked only when that server stays silent.',
  },
  P3: {
    b: 'The certificate comes in the handshake, and is looked at behind it. It does not hold, so nothing is said.',
    c: 'Your program said what it wanted before it knew to whom.',
  },
} as const
