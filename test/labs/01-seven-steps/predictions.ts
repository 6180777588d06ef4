/** Why the wire showed what it did, for whoever predicted something else: by question and by what was seen. */
export const WHY = {
  P1: {
    b: 'Without a length only the FIN of the server tells where the body ends, so your client cannot be done before it.',
  },
  P2: {
    a: 'Content-Length promised so many bytes. With the last of them the response is whole, whatever becomes of the connection.',
    b: 'Your client waited for the end of the connection, and the server had no reason to end it.',
  },
  P3: {
    b: 'A port that is not the usual one is part of where you are, so Host has both (RFC 9110 §7.2).',
  },
} as const
