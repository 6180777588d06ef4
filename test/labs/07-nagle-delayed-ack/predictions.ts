/** Why it came out as it did, for whoever predicted something else: by question and by what was seen. */
export const WHY = {
  P1: {
    b: 'Nothing was unacknowledged when the first ten came, so they left. They were unacknowledged when the others came.',
  },
  P2: {
    a: 'Both writes left at once here, and arrived at 5 ms.',
    c: 'The second write waits for the ACK of the first: 5 ms there, 40 ms of delay, 5 ms back, and 5 ms there again.',
  },
  P3: {
    a: 'The writes were put together before the system saw them.',
    b: 'Node hands each write to the system at once, unless the socket is corked, or still busy with the one before.',
  },
} as const
