/** Why the wire showed what it did, for whoever predicted something else: by question and by what was seen. */
export const WHY = {
  P1: {
    a: 'The two clients share an address, and the server has one address and one port: only the port that the system gave each client differs.',
  },
  P2: {
    a: 'A FIN ends one direction. What was sent before it is read first, and the way back is open until you end it.',
    b: 'Your server took the FIN of one direction for the end of both.',
  },
  P3: {
    a: 'Your server stopped reading while its answers had nowhere to go. The rest waits in the system, and in the client.',
    b: 'Whoever goes on reading has to keep what it cannot send, and your server kept it in memory.',
  },
} as const
