import type { Begins, Steps } from './play.ts'
import { steps } from './script-text.ts'

/** What a sender does: the states that every run visits. */

const opener: Begins = { as: 'opener' }
const listener: Begins = { as: 'listener' }

export const SENDING: Readonly<Record<string, Steps>> = {
  'one write of many segments': steps({ ...listener, mss: 100, window: 4000 }, 'write 1050, ACK'),
  'many writes': steps({ ...opener, mss: 100 }, 'write 30, write 100, write 101, write 1, ACK, write 7'),
  'numbers that wrap in the middle': steps(
    { ...listener, mss: 100, wraps: [151, 151] },
    'write 400, data 120, data 120, ACK <150, ACK',
  ),
  'numbers that wrap between two segments': steps(
    { ...opener, mss: 100, wraps: [101, 101] },
    'write 100, data 100, ACK, write 100, data 100, ACK',
  ),
  'an acknowledgement of what was never sent': steps(
    { ...opener, mss: 100 },
    'write 100, ACK <-1, data 10 <-1, FIN ACK 10 <-70000, data 10, ACK, ACK <-1, write 5',
  ),
  'an acknowledgement of what was written and never sent': steps(
    { ...opener, mss: 100, window: 150 },
    'write 400, ACK <-1, data 10 <-100, ACK w0, ACK <-1, due, ACK <-1, ACK w300',
  ),
  'a window of 300, and acknowledgements that overtake each other': steps(
    { ...listener, mss: 100, window: 300 },
    'write 900, ACK <100 w400, ACK <300 w50, ACK <300 w4000, ACK w300',
  ),
  'nothing is written': steps(opener, 'write 0, ACK, write 0, pass 100000'),
  'segments of one byte': steps({ ...listener, mss: 1 }, 'write 5, ACK, end'),
  'while the other side sends': steps(
    { ...opener, mss: 100 },
    'data 50, write 150, data 50 <50, data 50, write 10',
  ),
}

export const WINDOWS: Readonly<Record<string, Steps>> = {
  'more than the window': steps(
    { ...opener, mss: 100, window: 250 },
    'write 1000, ACK, ACK <50, ACK w120, ACK w1000',
  ),
  'a window of 0': steps(
    { ...listener, mss: 100, window: 300 },
    'write 800, ACK w0, almost, due, ACK <1 w0, almost, due, ACK <1 w0, almost, due, ACK <1 w200, ACK',
  ),
  'probes that are answered for ever': steps(
    { ...opener, mss: 100, window: 200, attempts: 3 },
    'write 500, ACK w0, due, ACK <1 w0, due, ACK <1 w0, due, ACK <1 w0, due, ACK <1 w0, due, ACK <1 w0, due, ACK <1 w0, ACK <1 w100, almost, due',
  ),
  'probes that nobody answers': steps(
    { ...listener, mss: 100, window: 200, attempts: 3 },
    'write 500, ACK w0, due, due, due, almost, due, pass 100000',
  ),
  'what comes between two probes': steps(
    { ...opener, mss: 100, window: 200 },
    'write 500, ACK w0, pass 5, data 10 w0, almost, due, pass 5, ACK <1 w0, almost, due, pass 5, data 10 <1 w0, pass 5, ACK <1 w0, almost, due, ACK <1 w100',
  ),
  'minutes between two probes': steps(
    { ...listener, mss: 100, window: 100, rto: 60_000 },
    'write 150, ACK w0, due, ACK <1 w0, due, ACK <1 w0, due, ACK <1 w0, almost, due, ACK <1 w50',
  ),
  'a probe that finds room': steps(
    { ...listener, mss: 100, window: 200 },
    'write 500, ACK w0, due, ACK w150, ACK',
  ),
  'the window opens before a probe': steps(
    { ...opener, mss: 100, window: 200 },
    'write 500, ACK w0, almost, ACK w200, almost, due',
  ),
  'a window of 0 from the beginning': steps(
    { ...listener, mss: 100, window: 0 },
    'pass 100000, write 10, almost, due, ACK <1 w50',
  ),
  'nothing waits': steps({ ...opener, window: 100 }, 'write 100, ACK w0, pass 100000, write 1, almost, due'),
  'FIN has to have room': steps(
    { ...opener, mss: 100, window: 100 },
    'write 100, end, ACK w0, due, ACK <1 w0, ACK <1 w1',
  ),
  'FIN has no room behind the last bytes': steps(
    { ...listener, mss: 100, window: 100 },
    'write 150, end, ACK w50, due, ACK w0, due, ACK <1 w0, ACK <1 w1',
  ),
  'the last byte is the probe': steps(
    { ...opener, mss: 100, window: 100 },
    'write 101, end, ACK w0, due, ACK w1',
  ),
  'a window that grows without new numbers': steps(
    { ...opener, mss: 100, window: 100 },
    'write 500, ACK <100 w150, ACK <150 w320, ACK',
  ),
  'room that is taken back': steps(
    { ...listener, mss: 100, window: 300 },
    'write 100, ACK w50, write 100, ACK w0, write 50, almost, due, ACK <1 w20, ACK',
  ),
  'a window of one': steps({ ...listener, mss: 100, window: 1 }, 'write 4, ACK, ACK, ACK, end, ACK'),
}

export const REPEATING: Readonly<Record<string, Steps>> = {
  'the oldest of several': steps(
    { ...listener, mss: 100 },
    'write 450, almost, due, almost, due, ACK <350, almost, due, ACK, pass 100000',
  ),
  'the wait falls back': steps(
    { ...opener, mss: 100 },
    'write 300, due, due, ACK <200, almost, due, almost, due, ACK, write 50, almost, due',
  ),
  'nothing else touches the timer': steps(
    { ...listener, mss: 100 },
    'write 200, pass 5, write 100, pass 5, ACK <300, data 10 <300, ACK <300, almost, due',
  ),
  'a larger window is no timer': steps(
    { ...opener, mss: 100, window: 100 },
    'write 300, pass 10, ACK <100 w200, pass 5, ACK <200 w300, almost, due',
  ),
  'a part of a segment is acknowledged': steps(
    { ...opener, mss: 100 },
    'write 200, ACK <170, almost, due, ACK <70, due',
  ),
  'new acknowledgement begins the wait anew': steps(
    { ...opener, mss: 100 },
    'write 300, pass 10, ACK <200, almost, due',
  ),
  'all is acknowledged': steps(
    { ...listener, mss: 100 },
    'write 300, almost, ACK, pass 100000, write 20, almost, due',
  ),
  'a small one and one that follows': steps(
    { ...opener, mss: 100 },
    'write 10, write 20, write 300, due, ACK <325, due',
  ),
  'three repeated acknowledgements are no timer': steps(
    { ...listener, mss: 100 },
    'write 400, data 1 <400, data 1 <400, ACK <400, almost',
  ),
  'where the numbers wrap': steps(
    { ...opener, mss: 100, wraps: [51, 1] },
    'write 200, due, ACK <150, due, ACK, pass 100000',
  ),
  'bytes that wait are not sent with what is sent again': steps(
    { as: 'opener', mss: 100, window: 150 },
    'write 300, ACK <50 w50, due, ACK w100',
  ),
  'FIN that waits for room is not sent with what is sent again': steps(
    { ...opener, mss: 100, window: 100 },
    'write 100, end, due, ACK w1',
  ),
  'waits of minutes': steps(
    { ...listener, mss: 100, rto: 60_000, attempts: 5 },
    'write 150, due, due, due, almost, due, ACK <50, almost, due',
  ),
  'FIN alone': steps(
    { ...listener, mss: 100 },
    'write 100, ACK, end, almost, due, almost, due, ACK, pass 100000',
  ),
}

export const GIVING_UP: Readonly<Record<string, Steps>> = {
  'nobody answers': steps(
    { ...listener, mss: 100, attempts: 3 },
    'write 150, due, due, almost, due, pass 100000',
  ),
  'once only': steps({ ...opener, attempts: 1 }, 'write 10, almost, due, pass 100000'),
  'an acknowledgement counts anew': steps(
    { ...listener, mss: 100, attempts: 3 },
    'write 300, due, due, ACK <200, due, due, almost, due',
  ),
  'a SYN that nobody answers': steps(
    { ...opener, raw: true, attempts: 3 },
    'due, due, almost, due, pass 100000',
  ),
  'a SYN that nobody answers for minutes': steps(
    { ...opener, raw: true, rto: 60_000, attempts: 5 },
    'due, due, due, due, almost, due, pass 100000',
  ),
  'an answer that nobody acknowledges': steps(
    { ...listener, raw: true, attempts: 3 },
    'SYN, due, due, almost, due, pass 100000, data 5',
  ),
  'a FIN that nobody acknowledges': steps({ ...opener, attempts: 2 }, 'data 20, end, due, almost, due'),
  'bytes that were there before': steps(
    { ...listener, held: true, attempts: 2 },
    'data 40, write 5, due, due, read on',
  ),
  'bytes that filled the window are read when it is over': steps(
    { ...listener, held: true, room: 100, attempts: 2 },
    'data 100, write 5, due, due, read once, read on',
  ),
  'a peer that sends and does not acknowledge': steps(
    { ...opener, mss: 100, attempts: 2 },
    'write 100, data 20 <100, due, data 20 <100, almost, due',
  ),
  'the other side has ended': steps({ ...opener, attempts: 2 }, 'FIN ACK, write 5, due, due'),
}
