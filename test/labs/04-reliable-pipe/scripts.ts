import type { Conversations } from '../../../workbook/grading/conversation.ts'
import type { Random } from '../../../workbook/grading/random.ts'
import { play, type Begins, type Comes, type Step, type Steps } from './play.ts'

/** The states that every run visits, by requirement. */

const opener: Begins = { as: 'opener' }
const listener: Begins = { as: 'listener' }
const comes = (what: Comes = {}): Step => ({ comes: what })
const write = (bytes: number): Step => ({ write: bytes })
const END: Step = { end: true }
const ACK = comes()
const FIN = comes({ flags: ['FIN', 'ACK'] })
const ALMOST: Step = { tick: 'almost' }
const DUE: Step = { tick: 'due' }
const LATER: Step = { tick: 100_000 }
const ONCE: Step = { read: 'once' }
const ALWAYS: Step = { read: 'always' }
const data = (bytes: number, at = 0): Step => comes({ bytes, at })

/** At either end: all of these take turns. */
function either(name: string, begins: Omit<Begins, 'as'>, ...steps: Step[]): Record<string, Steps> {
  turn = turn === opener ? listener : opener
  return { [name]: [{ ...turn, ...begins }, ...steps] }
}

let turn = opener

const one = (name: string, begins: Begins, ...steps: Step[]): Record<string, Steps> => ({
  [name]: [begins, ...steps],
})

function conversations(
  scripts: Record<string, Steps>,
  draw: () => Conversations<Step | Begins>['draw'] = () => undefined,
  drawn = 1,
): Conversations<Step | Begins> {
  const drawing = draw()
  return {
    scripts,
    drawn,
    ...(drawing ? { draw: drawing } : {}),
    play: (c, steps) => play(c, steps as Steps),
  }
}

const DAMAGED = ['payload', 'header', 'sum', 'cut', 'longer', 'bare', 'ports'] as const

const damaged = Object.assign(
  {},
  ...DAMAGED.map((how, index) =>
    one(
      `what is damaged in an open pipe: ${how}`,
      index % 2 === 0 ? opener : listener,
      comes({ bytes: 30, damaged: how }),
      write(50),
      comes({ damaged: how }),
      comes({ flags: ['FIN', 'ACK'], bytes: 3, damaged: how }),
      data(30),
    ),
  ),
  one(
    'a damaged handshake, at the opener',
    { ...opener, raw: true },
    ...DAMAGED.map((how) => comes({ flags: ['SYN', 'ACK'], damaged: how })),
    comes({ flags: ['RST', 'ACK'], damaged: 'sum' }),
    comes({ flags: ['SYN', 'ACK'] }),
    comes({ flags: ['RST'], damaged: 'header' }),
    data(5),
  ),
  one(
    'a damaged handshake, at the listener',
    { ...listener, raw: true },
    ...DAMAGED.map((how) => comes({ flags: ['SYN'], damaged: how })),
    comes({ flags: ['SYN'] }),
    comes({ damaged: 'sum' }),
    ACK,
    data(5),
  ),
) as Record<string, Steps>

const SYN_ACK = comes({ flags: ['SYN', 'ACK'] })
const SYN = comes({ flags: ['SYN'] })

const OPENING = {
  ...one(
    'an answer that acknowledges something else',
    { ...opener, raw: true },
    comes({ flags: ['SYN', 'ACK'], behind: 1 }),
    comes({ flags: ['SYN', 'ACK'], behind: -1 }),
    SYN_ACK,
    data(5),
  ),
  ...one(
    'an ACK without SYN',
    { ...opener, raw: true },
    comes({ flags: ['ACK'], behind: 1 }),
    SYN_ACK,
    data(5),
  ),
  ...one(
    'a SYN that is lost',
    { ...opener, raw: true },
    ALMOST,
    DUE,
    ALMOST,
    DUE,
    SYN_ACK,
    ALMOST,
    LATER,
    write(10),
    ALMOST,
    DUE,
  ),
  ...one(
    'the answer comes again',
    { ...opener, raw: true },
    SYN_ACK,
    comes({ flags: ['SYN', 'ACK'], at: -1 }),
    write(20),
    comes({ flags: ['SYN', 'ACK'], at: -1, behind: 20 }),
    data(7),
  ),
  ...one('refused', { ...opener, raw: true }, comes({ flags: ['RST', 'ACK'] }), LATER),
  ...one(
    'RST that acknowledges something else',
    { ...opener, raw: true },
    comes({ flags: ['RST', 'ACK'], behind: 1 }),
    comes({ flags: ['RST'] }),
    SYN_ACK,
    data(5),
  ),
  ...one(
    'a first number that wraps at once',
    { ...opener, raw: true, wraps: [1, 1] },
    SYN_ACK,
    write(10),
    data(10),
  ),
}

const LISTENING = {
  ...one(
    'a SYN that comes again',
    { ...listener, raw: true },
    SYN,
    comes({ flags: ['SYN'], at: -1 }),
    ALMOST,
    comes({ flags: ['SYN'], at: -1 }),
    DUE,
    ACK,
    LATER,
  ),
  ...one('the ACK is lost, and the first bytes come', { ...listener, raw: true }, SYN, data(20), write(5)),
  ...one(
    'an ACK of something else',
    { ...listener, raw: true },
    SYN,
    comes({ behind: 1 }),
    comes({ behind: -1 }),
    comes({ behind: -1, bytes: 5 }),
    ACK,
    data(5),
  ),
  ...one('an answer that is lost', { ...listener, raw: true }, SYN, ALMOST, DUE, ALMOST, DUE, ACK, LATER),
  ...one(
    'a SYN that comes late',
    listener,
    comes({ flags: ['SYN'], at: -1 }),
    data(10),
    comes({ flags: ['SYN'], at: -11 }),
    data(10),
  ),
  ...one(
    'RST before it is open',
    { ...listener, raw: true },
    SYN,
    comes({ flags: ['RST'], at: 1 }),
    comes({ flags: ['RST'], at: -1 }),
    comes({ flags: ['RST'] }),
    LATER,
  ),
  ...one(
    'RST with an ACK before it is open',
    { ...listener, raw: true },
    SYN,
    comes({ flags: ['RST', 'ACK'] }),
    LATER,
  ),
  ...one(
    'the window comes with the ACK',
    { ...listener, raw: true },
    comes({ flags: ['SYN'], window: 9 }),
    comes({ window: 500 }),
    write(400),
  ),
  ...one(
    'the first bytes and the FIN open it',
    { ...listener, raw: true },
    SYN,
    comes({ flags: ['FIN', 'ACK'], bytes: 20 }),
    write(5),
  ),
}

const SENDING = {
  ...either('one write of many segments', { mss: 100, window: 4_000 }, write(1_050), ACK),
  ...either('many writes', { mss: 100 }, write(30), write(100), write(101), write(1), ACK, write(7)),
  ...either(
    'numbers that wrap in the middle',
    { mss: 100, wraps: [151, 151] },
    write(400),
    data(120),
    data(120),
    comes({ behind: 150 }),
    ACK,
  ),
  ...one(
    'numbers that wrap between two segments',
    { ...opener, mss: 100, wraps: [101, 101] },
    write(100),
    data(100),
    ACK,
    write(100),
    data(100),
    ACK,
  ),
  ...either(
    'an acknowledgement of what was never sent',
    { mss: 100 },
    write(100),
    comes({ behind: -1 }),
    comes({ behind: -1, bytes: 10 }),
    comes({ behind: -70_000, bytes: 10, flags: ['FIN', 'ACK'] }),
    data(10),
    ACK,
    comes({ behind: -1 }),
    write(5),
  ),
  ...either(
    'acknowledgements that overtake each other',
    { mss: 100, window: 300 },
    write(900),
    comes({ behind: 100, window: 400 }),
    comes({ behind: 300, window: 50 }),
    comes({ behind: 300, window: 4_000 }),
    comes({ window: 300 }),
  ),
  ...one('nothing is written', opener, write(0), ACK, write(0), LATER),
  ...one('segments of one byte', { ...listener, mss: 1 }, write(5), ACK, END),
  ...one(
    'while the other side sends',
    { ...opener, mss: 100 },
    data(50),
    write(150),
    comes({ bytes: 50, behind: 50 }),
    comes({ bytes: 50 }),
    write(10),
  ),
}

const WINDOWS = {
  ...either(
    'more than the window',
    { mss: 100, window: 250 },
    write(1_000),
    ACK,
    comes({ behind: 50 }),
    comes({ behind: 0, window: 120 }),
    comes({ window: 1_000 }),
  ),
  ...either(
    'a window of 0',
    { mss: 100, window: 300 },
    write(800),
    comes({ window: 0 }),
    ALMOST,
    DUE,
    comes({ window: 0, behind: 1 }),
    ALMOST,
    DUE,
    comes({ window: 0, behind: 1 }),
    ALMOST,
    DUE,
    comes({ window: 200, behind: 1 }),
    ACK,
  ),
  ...one(
    'probes that are answered for ever',
    { ...opener, mss: 100, window: 200, attempts: 3 },
    write(500),
    comes({ window: 0 }),
    ...Array.from({ length: 6 }, () => [DUE, comes({ window: 0, behind: 1 })]).flat(),
    comes({ window: 100, behind: 1 }),
    ALMOST,
    DUE,
  ),
  ...one(
    'probes that nobody answers',
    { ...listener, mss: 100, window: 200, attempts: 3 },
    write(500),
    comes({ window: 0 }),
    DUE,
    DUE,
    DUE,
    ALMOST,
    DUE,
    LATER,
  ),
  ...one(
    'a probe that finds room',
    { ...listener, mss: 100, window: 200 },
    write(500),
    comes({ window: 0 }),
    DUE,
    comes({ window: 150 }),
    ACK,
  ),
  ...one(
    'the window opens before a probe',
    { ...opener, mss: 100, window: 200 },
    write(500),
    comes({ window: 0 }),
    ALMOST,
    comes({ window: 200 }),
    ALMOST,
    DUE,
  ),
  ...one(
    'a window of 0 from the beginning',
    { ...listener, mss: 100, window: 0 },
    LATER,
    write(10),
    ALMOST,
    DUE,
    comes({ window: 50, behind: 1 }),
  ),
  ...one(
    'nothing waits',
    { ...opener, window: 100 },
    write(100),
    comes({ window: 0 }),
    LATER,
    write(1),
    ALMOST,
    DUE,
  ),
  ...either(
    'FIN has to have room',
    { mss: 100, window: 100 },
    write(100),
    END,
    comes({ window: 0 }),
    DUE,
    comes({ window: 0, behind: 1 }),
    comes({ window: 1, behind: 1 }),
  ),
  ...one(
    'a window that grows without new numbers',
    { ...opener, mss: 100, window: 100 },
    write(500),
    comes({ behind: 100, window: 150 }),
    comes({ behind: 150, window: 320 }),
    ACK,
  ),
  ...one('a window of one', { ...listener, mss: 100, window: 1 }, write(4), ACK, ACK, ACK, END, ACK),
}

const REPEATING = {
  ...either(
    'the oldest of several',
    { mss: 100 },
    write(450),
    ALMOST,
    DUE,
    ALMOST,
    DUE,
    comes({ behind: 350 }),
    ALMOST,
    DUE,
    ACK,
    LATER,
  ),
  ...either(
    'the wait falls back',
    { mss: 100 },
    write(300),
    DUE,
    DUE,
    comes({ behind: 200 }),
    ALMOST,
    DUE,
    ALMOST,
    DUE,
    ACK,
    write(50),
    ALMOST,
    DUE,
  ),
  ...either(
    'nothing else touches the timer',
    { mss: 100 },
    write(200),
    { tick: 5 },
    write(100),
    { tick: 5 },
    comes({ behind: 300 }),
    comes({ behind: 300, bytes: 10 }),
    comes({ behind: 300 }),
    ALMOST,
    DUE,
  ),
  ...either(
    'a part of a segment is acknowledged',
    { mss: 100 },
    write(200),
    comes({ behind: 170 }),
    ALMOST,
    DUE,
    comes({ behind: 70 }),
    DUE,
  ),
  ...one(
    'new acknowledgement begins the wait anew',
    { ...opener, mss: 100 },
    write(300),
    { tick: 10 },
    comes({ behind: 200 }),
    ALMOST,
    DUE,
  ),
  ...one(
    'all is acknowledged',
    { ...listener, mss: 100 },
    write(300),
    ALMOST,
    ACK,
    LATER,
    write(20),
    ALMOST,
    DUE,
  ),
  ...one(
    'a small one and one that follows',
    { ...opener, mss: 100 },
    write(10),
    write(20),
    write(300),
    DUE,
    comes({ behind: 325 }),
    DUE,
  ),
  ...one(
    'three repeated acknowledgements are no timer',
    { ...listener, mss: 100 },
    write(400),
    ...Array.from({ length: 2 }, () => comes({ behind: 400, bytes: 1 })),
    comes({ behind: 400 }),
    ALMOST,
  ),
  ...one(
    'where the numbers wrap',
    { ...opener, mss: 100, wraps: [51, 1] },
    write(200),
    DUE,
    comes({ behind: 150 }),
    DUE,
    ACK,
    LATER,
  ),
  ...one('FIN alone', { ...listener, mss: 100 }, write(100), ACK, END, ALMOST, DUE, ALMOST, DUE, ACK, LATER),
}

const GIVING_UP = {
  ...either('nobody answers', { mss: 100, attempts: 3 }, write(150), DUE, DUE, ALMOST, DUE, LATER),
  ...one('once only', { ...opener, attempts: 1 }, write(10), ALMOST, DUE, LATER),
  ...one(
    'an acknowledgement counts anew',
    { ...listener, mss: 100, attempts: 3 },
    write(300),
    DUE,
    DUE,
    comes({ behind: 200 }),
    DUE,
    DUE,
    ALMOST,
    DUE,
  ),
  ...one('a SYN that nobody answers', { ...opener, raw: true, attempts: 3 }, DUE, DUE, ALMOST, DUE, LATER),
  ...one(
    'an answer that nobody acknowledges',
    { ...listener, raw: true, attempts: 3 },
    SYN,
    DUE,
    DUE,
    ALMOST,
    DUE,
    LATER,
    data(5),
  ),
  ...one('a FIN that nobody acknowledges', { ...opener, attempts: 2 }, data(20), END, DUE, ALMOST, DUE),
  ...one(
    'bytes that were there before',
    { ...listener, held: true, attempts: 2 },
    data(40),
    write(5),
    DUE,
    DUE,
    ALWAYS,
  ),
  ...one(
    'a peer that sends and does not acknowledge',
    { ...opener, mss: 100, attempts: 2 },
    write(100),
    comes({ behind: 100, bytes: 20 }),
    DUE,
    comes({ behind: 100, bytes: 20 }),
    ALMOST,
    DUE,
  ),
  ...one('the other side has ended', { ...opener, attempts: 2 }, FIN, write(5), DUE, DUE),
}

const RECEIVING = {
  ...either('in order', {}, data(1), data(100), data(33)),
  ...either(
    'what is early waits',
    {},
    data(50, 100),
    data(50, 50),
    data(50, 200),
    data(50),
    data(50),
    data(10),
  ),
  ...either('what came comes again', {}, data(80), data(80, -80), data(30, -50), data(40, -40), data(20)),
  ...either('old and new in one', {}, data(80), data(60, -20), data(140, -120), data(5)),
  ...either(
    'early ones that overlap',
    {},
    data(40, 60),
    data(80, 40),
    data(30, 20),
    data(40, 140),
    data(35),
    data(150),
  ),
  ...one(
    'an early one comes again, and longer',
    opener,
    data(20, 50),
    data(20, 50),
    data(40, 50),
    data(10, 50),
    data(50),
    data(1),
  ),
  ...one(
    'a gap in the middle of early ones',
    listener,
    data(20, 20),
    data(20, 60),
    data(20),
    data(20),
    data(1),
  ),
  ...one('one that covers all that was early', opener, data(20, 20), data(20, 60), data(120), data(1)),
  ...one('byte by byte, backwards', listener, ...[5, 4, 3, 2, 1].map((at) => data(1, at)), data(1), data(1)),
  ...one('an ACK that takes no number', opener, ACK, ACK, comes({ at: 0, window: 100 }), data(1), ACK),
  ...either(
    'where the numbers wrap',
    { wraps: [30, 51] },
    data(40, 40),
    data(40),
    data(40, 40),
    data(100, -60),
    data(40),
  ),
  ...one(
    'bytes and an acknowledgement in one',
    { ...listener, mss: 100 },
    write(250),
    comes({ behind: 150, bytes: 30 }),
    comes({ bytes: 30 }),
    comes({ bytes: 30, at: -30 }),
  ),
  ...one(
    'an old acknowledgement with new bytes',
    { ...opener, mss: 100 },
    write(200),
    ACK,
    comes({ behind: 100, bytes: 20, window: 0 }),
    write(20),
  ),
  ...one('bytes that are no text', listener, data(256), data(700)),
}

const ROOM = {
  ...either(
    'nobody reads',
    { held: true, room: 300 },
    data(100),
    data(100),
    data(100),
    data(10),
    ONCE,
    data(10),
  ),
  ...either(
    'half behind the window',
    { held: true, room: 300 },
    data(200),
    data(150),
    data(20, -30),
    ONCE,
    data(50),
    ALWAYS,
  ),
  ...either(
    'far behind the window',
    { held: true, room: 300 },
    data(50, 300),
    data(50, 280),
    data(300),
    ALWAYS,
    data(50),
  ),
  ...one(
    'read in between',
    { ...opener, held: true, room: 300 },
    data(100),
    ONCE,
    data(100),
    ONCE,
    data(250),
    ONCE,
    ONCE,
    data(10),
  ),
  ...one(
    'a reader that waits',
    { ...listener, held: true, room: 300 },
    ONCE,
    data(100),
    data(100),
    ONCE,
    ONCE,
    data(50),
  ),
  ...one(
    'the opening is told once',
    { ...opener, held: true, room: 100 },
    data(100),
    ONCE,
    data(100),
    ALWAYS,
    data(100),
    data(100),
  ),
  ...one(
    'a window of one',
    { ...listener, held: true, room: 1 },
    data(2),
    data(1),
    ONCE,
    data(1),
    ALWAYS,
    data(3),
  ),
  ...one('FIN where there is no room', { ...opener, held: true, room: 100 }, data(100), FIN, ALWAYS, FIN),
  ...one(
    'FIN behind the window',
    { ...listener, held: true, room: 100 },
    comes({ flags: ['FIN', 'ACK'], bytes: 100 }),
    ALWAYS,
    FIN,
  ),
  ...one(
    'early ones take no room',
    { ...opener, held: true, room: 300 },
    data(100, 100),
    data(50, 250),
    data(100),
    ALWAYS,
  ),
  ...one(
    'old ones do not count',
    { ...listener, held: true, room: 200 },
    data(150),
    data(150, -150),
    data(150, -150),
    data(60),
    ONCE,
    data(1),
  ),
  ...one('the largest window', { ...opener, room: 65_535 }, data(1_000), data(1_000)),
}

const ENDING = {
  ...either(
    'the learner ends first',
    { mss: 100 },
    write(50),
    END,
    ACK,
    data(30),
    FIN,
    comes({ flags: ['FIN', 'ACK'], at: -1 }),
    { tick: 10 },
    comes({ flags: ['FIN', 'ACK'], at: -1 }),
    ALMOST,
    DUE,
  ),
  ...either('the peer ends first', { mss: 100 }, data(30), FIN, write(250), ACK, END, ACK, ALMOST, DUE),
  ...either(
    'FIN with the last bytes',
    {},
    comes({ flags: ['FIN', 'ACK'], bytes: 30 }),
    comes({ flags: ['FIN', 'ACK'], bytes: 30, at: -31 }),
    write(5),
    END,
    ACK,
  ),
  ...either(
    'FIN before what belongs before it',
    {},
    comes({ flags: ['FIN', 'ACK'], at: 60 }),
    data(30, 30),
    comes({ flags: ['FIN', 'ACK'], at: 60 }),
    data(30),
    comes({ flags: ['FIN', 'ACK'], at: -1 }),
    write(5),
  ),
  ...either(
    'both at the same moment',
    { mss: 100 },
    END,
    comes({ flags: ['FIN', 'ACK'], behind: 1 }),
    ACK,
    comes({ flags: ['FIN', 'ACK'], at: -1 }),
    LATER,
  ),
  ...either('end twice', {}, END, END, ACK, END, FIN),
  ...one(
    'FIN waits for what is before it',
    { ...opener, mss: 100, window: 150 },
    write(300),
    END,
    comes({ behind: 50 }),
    ACK,
    ACK,
  ),
  ...one(
    'the last bytes are sent again with FIN',
    { ...listener, mss: 100 },
    write(150),
    END,
    DUE,
    comes({ behind: 51 }),
    DUE,
    comes({ behind: 1 }),
    DUE,
    ACK,
  ),
  ...one('nothing but FIN', { ...opener, wraps: [1, 1] }, END, FIN),
  ...one(
    'FIN where the numbers wrap',
    { ...listener, wraps: [11, 11] },
    write(10),
    data(10),
    END,
    FIN,
    ACK,
    LATER,
  ),
  ...one('a reader that comes late', { ...listener, held: true }, data(40), FIN, ONCE, ONCE),
  ...one(
    'a reader that comes late to a closed pipe',
    { ...opener, held: true },
    comes({ flags: ['FIN', 'ACK'], bytes: 40 }),
    END,
    ACK,
    LATER,
    ALWAYS,
  ),
  ...one(
    'FIN that is acknowledged by FIN',
    { ...listener, mss: 100 },
    FIN,
    write(20),
    END,
    comes({ behind: 1 }),
    ACK,
    LATER,
  ),
  ...one(
    'old bytes while it stays',
    opener,
    data(20),
    END,
    FIN,
    data(20, -21),
    comes({ flags: ['FIN', 'ACK'], at: -1 }),
    ALMOST,
    comes({ flags: ['FIN', 'ACK'], at: -1 }),
    ALMOST,
    DUE,
  ),
}

const RESETS = {
  ...either(
    'RST with the expected number',
    { held: true },
    data(30),
    comes({ flags: ['RST'] }),
    LATER,
    ALWAYS,
  ),
  ...either(
    'RST with another number',
    {},
    comes({ flags: ['RST'], at: 1 }),
    comes({ flags: ['RST'], at: -1 }),
    comes({ flags: ['RST', 'ACK'], at: 100 }),
    comes({ flags: ['RST'], at: -70_000 }),
    data(10),
    write(10),
  ),
  ...one('RST with an ACK', opener, comes({ flags: ['RST', 'ACK'] })),
  ...one(
    'RST while something is on its way',
    { ...listener, mss: 100 },
    write(300),
    comes({ flags: ['RST'], behind: 300 }),
    LATER,
  ),
  ...one('RST while FIN is on its way', opener, END, comes({ flags: ['RST'] }), LATER),
  ...one(
    'RST behind early bytes',
    listener,
    data(10, 10),
    comes({ flags: ['RST'], at: 20 }),
    comes({ flags: ['RST'] }),
  ),
  ...one('RST while it stays', opener, END, FIN, comes({ flags: ['RST'] }), LATER),
  ...one('RST behind the FIN of one direction', listener, FIN, comes({ flags: ['RST'] }), LATER),
}

const NOBODY = {
  ...one(
    'segments for no pipe',
    { ...listener, raw: true },
    comes({ behind: -70 }),
    comes({ behind: -5, bytes: 30 }),
    comes({ behind: -9, flags: ['FIN', 'ACK'] }),
    comes({ behind: -9, flags: ['SYN', 'ACK'], bytes: 0 }),
    comes({ flags: [], bytes: 30 }),
    comes({ flags: ['FIN'] }),
    comes({ flags: ['FIN'], bytes: 7 }),
    comes({ flags: [] }),
    comes({ flags: ['RST'] }),
    comes({ flags: ['RST', 'ACK'] }),
    comes({ bytes: 5, damaged: 'payload' }),
    SYN,
    ACK,
  ),
  ...one(
    'segments for a pipe that is over',
    listener,
    data(20),
    comes({ flags: ['RST'] }),
    data(20),
    ACK,
    FIN,
    comes({ flags: ['RST'] }),
  ),
  ...one(
    'segments for a pipe that has stayed long enough',
    listener,
    END,
    FIN,
    ALMOST,
    DUE,
    comes({ flags: ['FIN', 'ACK'], at: -1 }),
    ACK,
  ),
}

/** Whatever can happen. */
export function draw(random: Random): Steps {
  const sizes = [1, 10, 60, 200]
  const step = (): Step => {
    const bytes = random.pick(sizes)
    const behind = random.pick([0, 0, 0, 1, 40, 150])
    switch (random.integer(0, 9)) {
      case 0:
      case 1:
        return write(random.pick([...sizes, 500]))
      case 2:
      case 3:
        return comes({ bytes, behind })
      case 4:
        return comes({ bytes, at: random.pick([-200, -60, -10, -1, 1, 10, 60, 200]), behind })
      case 5:
      case 6:
        return comes({ behind, window: random.pick([4_000, 1_000]) })
      case 7:
        return { tick: random.pick(['almost', 'due', 'due', 7] as const) }
      case 8:
        return random.pick([ONCE, ALWAYS])
      default:
        return random.pick([END, FIN, comes({ bytes, flags: ['FIN', 'ACK'] })])
    }
  }
  const as = random.pick(['opener', 'listener'] as const)
  const begins: Begins = {
    as,
    mss: random.integer(50, 150),
    ...(random.integer(0, 1) === 0 ? { held: true } : {}),
  }
  return [begins, ...Array.from({ length: 14 }, step)]
}

const drawn = () => draw

export const PIPES = {
  R2: conversations(damaged),
  R3: conversations(OPENING),
  R4: conversations(LISTENING),
  R5: conversations(SENDING, drawn),
  R6: conversations(WINDOWS),
  R7: conversations(REPEATING, drawn),
  R8: conversations(GIVING_UP),
  R9: conversations(RECEIVING, drawn),
  R10: conversations(ROOM),
  R11: conversations(ENDING, drawn),
  R12: conversations({ ...RESETS, ...NOBODY }),
} as const
