import { batch } from './batch.ts'
import { bench } from './bench.ts'
import { check } from './check.ts'
import type { Command } from './command.ts'
import { docsSync } from './docs.ts'
import { handout, makeHandout as make } from './handout.ts'
import { survey } from './survey.ts'
import { wrong } from './wrong.ts'

/**
 * What only a full checkout has. In a handout another file stands in this one's place
 * (handout/tool.ts), so that nothing that is imported here comes along.
 */
export const TEACHER_COMMANDS: readonly Command[] = [check, docsSync, batch, bench, survey, wrong, handout]

/** How `npm run update` comes by the newer handout; a handout itself is one, and builds none. */
export const makeHandout: typeof make | null = make
