import type { Conversations } from '../../../workbook/grading/conversation.ts'
import type { Random } from '../../../workbook/grading/random.ts'
import { play, type Begins, type Step, type Steps } from './play.ts'
import { steps } from './script-text.ts'
import { DAMAGE, LISTENING, OPENING, RESETS } from './scripts-open.ts'
import { ENDING, RECEIVING, ROOM } from './scripts-receive.ts'
import { GIVING_UP, REPEATING, SENDING, WINDOWS } from './scripts-send.ts'

/** Conversations with one pipe of the program's, by requirement. */

type Played = Conversations<Step | Begins>

export const PIPES = {
  R2: scripts(DAMAGE),
  R3: scripts(OPENING),
  R4: scripts(LISTENING),
  R5: drawn(SENDING),
  R6: scripts(WINDOWS),
  R7: drawn(REPEATING),
  R8: scripts(GIVING_UP),
  R9: drawn(RECEIVING),
  R10: drawn(ROOM),
  R11: drawn(ENDING),
  R12: scripts(RESETS),
} as const

/** Whatever can happen. */
function draw(random: Random): Steps {
  const as = random.pick(['opener', 'listener'] as const)
  const held = random.integer(0, 1) === 0 ? ({ held: true } as const) : {}
  const text = Array.from({ length: 14 }, () => stepText(random)).join(', ')
  return steps({ as, mss: random.integer(50, 150), room: random.pick([300, 4_000]), ...held }, text)
}

// --- internal ---

function scripts(of: Readonly<Record<string, Steps>>): Played {
  return { scripts: of, play }
}

function drawn(of: Readonly<Record<string, Steps>>): Played {
  return { scripts: of, play, draw, drawn: 1 }
}

function stepText(random: Random): string {
  const bytes = random.pick([1, 10, 60, 200])
  const behind = `<${random.pick([0, 0, 0, 1, 40, 150])}`
  switch (random.integer(0, 9)) {
    case 0:
    case 1:
      return `write ${random.pick([1, 10, 60, 200, 500])}`
    case 2:
    case 3:
      return `data ${bytes} ${behind}`
    case 4:
      return `data ${bytes} ${random.pick(['-200', '-60', '-10', '-1', '+1', '+10', '+60', '+200'])} ${behind}`
    case 5:
    case 6:
      return `ACK ${behind} w${random.pick([4_000, 1_000])}`
    case 7:
      return random.pick(['almost', 'due', 'due', 'pass 7'])
    case 8:
      return random.pick(['read once', 'read on'])
    default:
      return random.pick(['end', 'FIN ACK', `FIN ACK ${bytes}`])
  }
}
