import { R1, R2 } from './script-asks.ts'
import { R3, R4 } from './script-places.ts'
import { R5, R6 } from './script-keeps.ts'
import { R7, R8 } from './script-idle.ts'
import { R9, R10 } from './script-failures.ts'
import { R11 } from './script-aborts.ts'
import { R12, R13 } from './script-ends.ts'
import type { Script } from './steps.ts'

/** Conversations by the requirement that they try: together they visit every state that a pool can be in. */
export const SCRIPTS = { R1, R2, R3, R4, R5, R6, R7, R8, R9, R10, R11, R12, R13 } satisfies Record<
  string,
  Readonly<Record<string, Script>>
>
