import type { Begins, Steps } from './play.ts'
import { steps } from './script-text.ts'

/** What a receiver does, and how a pipe ends: the states that every run visits. */

const opener: Begins = { as: 'opener' }
const listener: Begins = { as: 'listener' }

export const RECEIVING: Readonly<Record<string, Steps>> = {
  'in order': steps(opener, 'data 1, data 100, data 33'),
  'what is early waits': steps(
    listener,
    'data 50 +100, data 50 +50, data 50 +200, data 50, data 50, data 10',
  ),
  'what came comes again': steps(opener, 'data 80, data 80 -80, data 30 -50, data 40 -40, data 20'),
  'old and new in one': steps(listener, 'data 80, data 60 -20, data 140 -120, data 5'),
  'early ones that overlap': steps(
    opener,
    'data 40 +60, data 80 +40, data 30 +20, data 40 +140, data 35, data 150',
  ),
  'an early one comes again, and longer': steps(
    opener,
    'data 20 +50, data 20 +50, data 40 +50, data 10 +50, data 50, data 1',
  ),
  'a gap in the middle of early ones': steps(listener, 'data 20 +20, data 20 +60, data 20, data 20, data 1'),
  'one that covers all that was early': steps(opener, 'data 20 +20, data 20 +60, data 120, data 1'),
  'byte by byte, backwards': steps(
    listener,
    'data 1 +5, data 1 +4, data 1 +3, data 1 +2, data 1 +1, data 1, data 1',
  ),
  'an ACK that takes no number': steps(opener, 'ACK, ACK, ACK w100, data 1, ACK'),
  'where the numbers wrap': steps(
    { ...listener, wraps: [30, 51] },
    'data 40 +40, data 40, data 40 +40, data 100 -60, data 40',
  ),
  'bytes and an acknowledgement in one': steps(
    { ...listener, mss: 100 },
    'write 250, data 30 <150, data 30, data 30 -30',
  ),
  'an old acknowledgement with new bytes': steps(
    { ...opener, mss: 100 },
    'write 200, ACK, data 20 <100 w0, write 20',
  ),
  'bytes that are no text': steps(listener, 'data 256, data 700'),
}

export const ROOM: Readonly<Record<string, Steps>> = {
  'nobody reads': steps(
    { ...opener, held: true, room: 300 },
    'data 100, data 100, data 100, data 10, read once, data 10',
  ),
  'half behind the window': steps(
    { ...listener, held: true, room: 300 },
    'data 200, data 150, data 20 -30, read once, data 50, read on',
  ),
  'far behind the window': steps(
    { ...opener, held: true, room: 300 },
    'data 50 +300, data 50 +280, data 300, read on, data 50',
  ),
  'read in between': steps(
    { ...opener, held: true, room: 300 },
    'data 100, read once, data 100, read once, data 250, read once, read once, data 10',
  ),
  'a reader that waits': steps(
    { ...listener, held: true, room: 300 },
    'read once, data 100, data 100, read once, read once, data 50',
  ),
  'the opening is told once': steps(
    { ...opener, held: true, room: 100 },
    'data 100, read once, data 100, read on, data 100, data 100',
  ),
  'a window of one': steps(
    { ...listener, held: true, room: 1 },
    'data 2, data 1, read once, data 1, read on, data 3',
  ),
  'FIN where there is no room': steps(
    { ...opener, held: true, room: 100 },
    'data 100, FIN ACK, read on, FIN ACK',
  ),
  'FIN behind the window': steps({ ...listener, held: true, room: 100 }, 'FIN ACK 100, read on, FIN ACK'),
  'early ones take no room': steps(
    { ...opener, held: true, room: 300 },
    'data 100 +100, data 50 +250, data 100, read on',
  ),
  'old ones do not count': steps(
    { ...listener, held: true, room: 200 },
    'data 150, data 150 -150, data 150 -150, data 60, read once, data 1',
  ),
  'the largest window': steps({ ...opener, room: 65535 }, 'data 1000, data 1000'),
}

export const ENDING: Readonly<Record<string, Steps>> = {
  'the learner ends first': steps(
    { ...listener, mss: 100 },
    'write 50, end, ACK, data 30, FIN ACK, FIN ACK -1, pass 10, FIN ACK -1, almost, FIN ACK -1, almost, FIN ACK -1, almost, due',
  ),
  'the peer ends first': steps(
    { ...opener, mss: 100 },
    'data 30, FIN ACK, write 250, ACK, end, ACK, almost, due',
  ),
  'FIN with the last bytes': steps(listener, 'FIN ACK 30, FIN ACK 30 -31, write 5, end, ACK'),
  'FIN before what belongs before it': steps(
    opener,
    'FIN ACK +60, data 30 +30, FIN ACK +60, data 30, FIN ACK -1, write 5',
  ),
  'both at the same moment': steps(
    { ...listener, mss: 100 },
    'end, FIN ACK <1, ACK, FIN ACK -1, pass 100000',
  ),
  'end twice': steps(opener, 'end, end, ACK, end, FIN ACK'),
  'FIN waits for what is before it': steps(
    { ...opener, mss: 100, window: 150 },
    'write 300, end, ACK <50, ACK, ACK',
  ),
  'the last bytes are sent again with FIN': steps(
    { ...listener, mss: 100 },
    'write 150, end, due, ACK <51, due, ACK <1, due, ACK',
  ),
  'nothing but FIN': steps({ ...opener, wraps: [1, 1] }, 'end, FIN ACK'),
  'FIN where the numbers wrap': steps(
    { ...listener, wraps: [11, 11] },
    'write 10, data 10, end, FIN ACK, ACK, pass 100000',
  ),
  'a reader that comes late': steps({ ...listener, held: true }, 'data 40, FIN ACK, read once, read once'),
  'a reader that comes late to a closed pipe': steps(
    { ...opener, held: true },
    'FIN ACK 40, end, ACK, pass 100000, read on',
  ),
  'FIN that is acknowledged by FIN': steps(
    { ...listener, mss: 100 },
    'FIN ACK, write 20, end, ACK <1, ACK, pass 100000',
  ),
  'minutes to stay': steps({ ...listener, rto: 60_000, attempts: 4 }, 'end, FIN ACK, almost, due'),
  'old bytes while it stays': steps(
    opener,
    'data 20, end, FIN ACK, data 20 -21, FIN ACK -1, almost, FIN ACK -1, almost, due',
  ),
  'old bytes do not begin the time to stay anew': steps(
    listener,
    'data 20, end, FIN ACK, pass 10, data 20 -21, ACK, almost, due, FIN ACK -1',
  ),
}
