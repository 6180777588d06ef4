import type { Begins, Steps } from './play.ts'
import { steps } from './script-text.ts'

/** Handshakes, damage and resets: the states that every run visits. */

const opener: Begins = { as: 'opener' }
const listener: Begins = { as: 'listener' }

export const DAMAGE: Readonly<Record<string, Steps>> = {
  'damage in an open pipe, at the opener': steps(
    opener,
    'data 30 !payload, write 50, ACK !payload, FIN ACK 3 !header, data 30 !sum, data 30 !cut, data 1 !longer, ACK !bare, FIN ACK !ports, data 30, ACK',
  ),
  'damage in an open pipe, at the listener': steps(
    listener,
    'data 30 !ports, write 50, ACK !sum, FIN ACK 3 !payload, RST !header, data 31 !cut, data 30 !longer, data 30 !header, data 30, ACK',
  ),
  'a damaged handshake, at the opener': steps(
    { ...opener, raw: true },
    'SYN ACK !payload, SYN ACK !header, SYN ACK !sum, SYN ACK !cut, SYN ACK !longer, SYN ACK !bare, SYN ACK !ports, RST ACK !sum, SYN ACK, RST !header, data 5',
  ),
  'a damaged handshake, at the listener': steps(
    { ...listener, raw: true },
    'SYN !payload, SYN !header, SYN !sum, SYN !cut, SYN !longer, SYN !bare, SYN !ports, SYN, ACK !sum, ACK, data 5',
  ),
}

export const OPENING: Readonly<Record<string, Steps>> = {
  'an answer that acknowledges something else': steps(
    { ...opener, raw: true },
    'SYN ACK <1, SYN ACK <-1, SYN ACK, data 5',
  ),
  'an ACK without SYN': steps({ ...opener, raw: true }, 'ACK <1, SYN ACK, data 5'),
  'a SYN that is lost': steps(
    { ...opener, raw: true },
    'almost, due, almost, due, SYN ACK, almost, pass 100000, write 10, almost, due',
  ),
  'the answer comes again': steps(
    { ...opener, raw: true },
    'SYN ACK, SYN ACK -1, write 20, SYN ACK -1 <20, data 7',
  ),
  refused: steps({ ...opener, raw: true }, 'RST ACK, pass 100000'),
  'RST that acknowledges something else': steps({ ...opener, raw: true }, 'RST ACK <1, RST, SYN ACK, data 5'),
  'RST without ACK, whose number would be right': steps(
    { ...opener, raw: true, wraps: [1, 1] },
    'RST, SYN ACK, data 5',
  ),
  'a first number that wraps at once': steps(
    { ...opener, raw: true, wraps: [1, 1] },
    'SYN ACK, write 10, data 10',
  ),
  'refused, where the number wraps': steps({ ...opener, raw: true, wraps: [1, 1] }, 'RST ACK, pass 100000'),
}

export const LISTENING: Readonly<Record<string, Steps>> = {
  'a SYN that comes again': steps(
    { ...listener, raw: true },
    'SYN, SYN -1, almost, SYN -1, due, ACK, pass 100000',
  ),
  'a SYN that comes again is no attempt': steps(
    { ...listener, raw: true, attempts: 2 },
    'SYN, SYN -1, due, SYN -1, SYN -1, almost, due, pass 100000',
  ),
  'the ACK is lost, and the first bytes come': steps({ ...listener, raw: true }, 'SYN, data 20, write 5'),
  'the ACK and the first bytes are lost, and later ones come': steps(
    { ...listener, raw: true },
    'SYN, data 20 +30, data 30, write 5',
  ),
  'the ACK and the bytes are lost, and an ACK behind them comes': steps(
    { ...listener, raw: true },
    'SYN, ACK +30, data 30, write 5',
  ),
  'the ACK and the bytes are lost, and the FIN comes': steps(
    { ...listener, raw: true },
    'SYN, FIN ACK +30, write 5, data 30',
  ),
  'an ACK of something else': steps(
    { ...listener, raw: true },
    'SYN, ACK <1, ACK <-1, data 5 <-1, ACK, data 5',
  ),
  'a segment without ACK, whose number would be right': steps(
    { ...listener, raw: true, wraps: [1, 1] },
    'SYN, bare, ACK, data 5',
  ),
  'an answer that is lost': steps(
    { ...listener, raw: true },
    'SYN, almost, due, almost, due, ACK, pass 100000',
  ),
  'a SYN that comes late': steps(listener, 'SYN -1, data 10, SYN -11, data 10'),
  'RST before it is open': steps({ ...listener, raw: true }, 'SYN, RST +1, RST -1, RST, pass 100000'),
  'RST before it is open, where the number wraps': steps(
    { ...listener, raw: true, wraps: [1, 1] },
    'SYN, RST, pass 100000',
  ),
  'RST with an ACK before it is open': steps({ ...listener, raw: true }, 'SYN, RST ACK, pass 100000'),
  'the window comes with the ACK': steps({ ...listener, raw: true }, 'SYN w9, ACK w500, write 400'),
  'the first bytes and the FIN open it': steps({ ...listener, raw: true }, 'SYN, FIN ACK 20, write 5'),
}

export const RESETS: Readonly<Record<string, Steps>> = {
  'RST with the expected number': steps({ ...listener, held: true }, 'data 30, RST, pass 100000, read on'),
  'RST with another number': steps(opener, 'RST +1, RST -1, RST ACK +100, RST -70000, data 10, write 10'),
  'RST where the numbers wrap': steps({ ...listener, wraps: [1, 31] }, 'data 30, RST'),
  'RST with an ACK': steps(opener, 'RST ACK'),
  'RST while something is on its way': steps({ ...listener, mss: 100 }, 'write 300, RST <300, pass 100000'),
  'RST while FIN is on its way': steps(opener, 'end, RST, pass 100000'),
  'RST behind early bytes': steps(listener, 'data 10 +10, RST +20, RST'),
  'RST while it stays': steps(opener, 'end, FIN ACK, RST, pass 100000'),
  'RST behind the FIN of one direction': steps(listener, 'FIN ACK, RST, pass 100000'),
  'bytes that filled the window are read behind RST': steps(
    { ...listener, held: true, room: 100 },
    'data 100, RST, read once, read on',
  ),
  'segments for no pipe': steps(
    { ...listener, raw: true },
    'ACK <-70, data 30 +1 <-5, FIN ACK <-9, SYN ACK <-9, bare 30 +1, FIN, FIN 7 +1, bare, RST, RST ACK, data 5 +1 !payload, SYN, ACK',
  ),
  'segments for no pipe, where the numbers wrap': steps(
    { ...listener, raw: true, wraps: [1, 9] },
    'FIN 7 +1, bare 20 +1, FIN ACK <-1',
  ),
  'segments for a pipe that is over': steps(listener, 'data 20, RST, data 20, ACK, FIN ACK, RST'),
  'segments for a pipe that has stayed long enough': steps(
    listener,
    'end, FIN ACK, almost, due, FIN ACK -1, ACK',
  ),
}
