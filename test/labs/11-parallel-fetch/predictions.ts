/** Why the wire showed what it did, for whoever predicted something else: by question and by what was seen. */
export const WHY = {
  P1: {
    a: 'Two round trips bring the page. In the third, the kept connection brings an image while the new one shakes hands; in the fourth, both bring one. Nobody waits for a place.',
  },
  P2: {
    c: 'Side by side they wait together, and that saves ten round trips. The bytes share the line, and need a hundred and twenty whoever asks for them.',
  },
  P3: {
    b: 'The line is shared evenly, so each image has its first bytes before any has its last: it looks quicker, and is whole no sooner.',
  },
} as const
