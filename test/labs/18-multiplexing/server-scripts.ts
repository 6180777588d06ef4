import { ANSWERS } from './script-answers.ts'
import { CLOSES, PLACES, RESETS } from './script-ends.ts'
import { ORDER, REQUESTS, TALK } from './script-requests.ts'
import { TURNS, UPLOADS, WINDOWS } from './script-windows.ts'

/** Conversations with a server that every run plays, by requirement. */
export const SERVER_SCRIPTS = {
  R2: TALK,
  R3: REQUESTS,
  R4: ANSWERS,
  R5: ORDER,
  R6: WINDOWS,
  R7: TURNS,
  R8: UPLOADS,
  R9: PLACES,
  R10: RESETS,
  R14: CLOSES,
} as const
