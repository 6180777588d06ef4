import { lab } from '../../../workbook/grading/lab.ts'
import { play } from './play.ts'
import { SCRIPTS } from './scripts.ts'
import type { Script } from './steps.ts'

const conversations = (scripts: Readonly<Record<string, Script>>) => ({ scripts, play })

lab('14-connection-pool', ({ converse }) => {
  for (const [requirement, scripts] of Object.entries(SCRIPTS))
    converse(requirement, `scripts ${requirement}`, conversations(scripts))
})
