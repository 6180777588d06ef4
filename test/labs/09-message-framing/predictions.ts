/** Why it came out as it did, for whoever predicted something else: by question and by what was seen. */
export const WHY = {
  P1: {
    a: 'An answer to HEAD has the fields of an answer to GET, and never a body: its length tells what GET would bring.',
  },
  P2: {
    c: 'Without a length and without chunks nothing in the message says where it ends, so everything up to the FIN is body.',
  },
  P3: {
    b: 'The first request was whole before the second began, and nothing that comes later can make it less so.',
  },
}
