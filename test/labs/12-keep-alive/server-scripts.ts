import { CLOCK_AND_BODIES } from './server-clock.ts'
import { ENDS } from './server-ends.ts'
import { REQUESTS } from './server-requests.ts'
import { scriptsOf, type Row, type Step } from './server-steps.ts'

/** Conversations with a server: together they visit every state that it can be in. */
const ROWS = { ...REQUESTS, ...CLOCK_AND_BODIES, ...ENDS }

type Requirement = keyof typeof ROWS

/** By the requirement that they try, and by what is tried. */
export const SERVER_SCRIPTS = Object.fromEntries(
  Object.entries<readonly Row[]>(ROWS).map(([requirement, rows]) => [requirement, scriptsOf(rows)]),
) as Readonly<Record<Requirement, Readonly<Record<string, readonly Step[]>>>>
