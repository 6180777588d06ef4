import { lab } from '../../../workbook/grading/lab.ts'
import { decodes, encodes, refuses, thePagesOne } from './codec.ts'
import { play } from './play.ts'
import {
  closing,
  closingMany,
  gap,
  oldestOnly,
  samePortAgain,
  samePortElsewhere,
  stranger,
  threePipes,
  twoOpeners,
  whole,
} from './scenes.ts'
import { PIPES } from './scripts.ts'

lab('04-reliable-pipe', ({ check, converse }) => {
  check('R1', 'the segment that the page shows', thePagesOne)
  check('R1', 'segments with any numbers and flags, as bytes', encodes)
  check('R1', 'bytes as segments', decodes)

  check('R2', 'one wrong bit, anywhere', refuses)
  converse('R2', 'damage of every kind', PIPES.R2)

  check('R3', 'SYN, SYN and ACK, ACK', (c) =>
    play(c, [{ as: 'opener', raw: true }, { comes: { flags: ['SYN', 'ACK'] } }]),
  )
  converse('R3', 'whatever answers a SYN', PIPES.R3)

  check('R4', 'SYN, SYN and ACK, ACK', (c) =>
    play(c, [{ as: 'listener', raw: true }, { comes: { flags: ['SYN'] } }, { comes: {} }]),
  )
  converse('R4', 'whatever follows a SYN', PIPES.R4)

  check('R5', 'a write of two segments and a half', (c) =>
    play(c, [{ as: 'listener', mss: 100 }, { write: 250 }, { comes: {} }]),
  )
  converse('R5', 'bytes that leave', PIPES.R5)

  check('R6', 'twice as much as the window', (c) =>
    play(c, [{ as: 'listener', mss: 100, window: 200 }, { write: 400 }, { comes: {} }, { comes: {} }]),
  )
  converse('R6', 'windows of every size', PIPES.R6)

  check('R7', 'four segments that nobody acknowledges', oldestOnly)
  converse('R7', 'what is lost, and when it is sent again', PIPES.R7)

  converse('R8', 'peers that fall silent', PIPES.R8)

  check('R9', 'the second of four is lost', gap)
  converse('R9', 'bytes in any order', PIPES.R9)

  converse('R10', 'programs that read when they like', PIPES.R10)

  check('R11', 'one direction ends, and then the other', (c) =>
    play(c, [
      { as: 'listener', mss: 100 },
      { comes: { flags: ['FIN', 'ACK'], bytes: 20 } },
      { write: 120 },
      { comes: {} },
      { end: true },
      { comes: {} },
    ]),
  )
  converse('R11', 'ends of one direction and of both', PIPES.R11)

  check('R12', 'three pipes on one socket, and one of them is reset, and one falls silent', threePipes)
  check('R12', 'two pipes from one port of two addresses', samePortElsewhere)
  check('R12', 'a new pipe from the port of one that is over', samePortAgain)
  check('R12', 'two pipes of one program', twoOpeners)
  for (const at of ['another port', 'another address'] as const)
    check('R12', `a stranger at ${at}, who sends to an opener`, (c) => stranger(c, at))
  converse('R12', 'RST in every state, and where there is no pipe', PIPES.R12)

  check('R13', 'close() while a pipe is open', closing)
  check('R13', 'close() of two pipes that end badly, and of none', closingMany)

  check('R14', '256 KiB in each direction, over a bad path', whole)
})
