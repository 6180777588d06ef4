/** Why the wire showed what it did, for whoever predicted something else: by question and by what was seen. */
export const WHY = {
  P1: {
    a: 'Your server answers in the order of the requests, though the numbers of the streams make that needless.',
    b: 'Every frame has the number of its stream, so no answer has to wait for another one.',
  },
  P2: {
    b: 'A reset ends a stream and not its handler, and your server counts handlers: the third stream was one too many.',
    c: 'Your server counts open streams alone: whoever opens and resets them makes it work without any limit.',
  },
  P3: {
    b: 'TCP gives out nothing behind the gap. All streams wait for the segment that carried bytes of one.',
  },
} as const
