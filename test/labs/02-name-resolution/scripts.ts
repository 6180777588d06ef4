import { R7, R8 } from './question-scripts.ts'
import { R10, R11 } from './alias-scripts.ts'
import { R12, R13 } from './server-scripts.ts'
import { R14, R15 } from './tcp-scripts.ts'
import { R16, R17 } from './kept-scripts.ts'
import { R18, R19 } from './caller-scripts.ts'

/** The states that every run visits, by requirement. */
export const SCRIPTS = { R7, R8, R10, R11, R12, R13, R14, R15, R16, R17, R18, R19 } as const
