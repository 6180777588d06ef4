import { byteNumbers } from './byte-numbers.ts'
import { captured } from './captured.ts'
import { closing } from './closing.ts'
import { computed } from './computed.ts'
import { lostAnswers } from './lost-answers.ts'
import { multiplexing } from './multiplexing.ts'
import { narrowLine } from './narrow-line.ts'
import { pages } from './pages.ts'
import { persistent } from './persistent.ts'
import { pipelining } from './pipelining.ts'
import { proxies } from './proxies.ts'
import type { Recipe } from './recipe.ts'
import { sevenSteps } from './seven-steps.ts'
import { slowStart } from './slow-start.ts'
import { timeWait } from './time-wait.ts'

/** All figures of the pages, in the order of the chapters. */
export const RECIPES: readonly Recipe[] = [
  ...sevenSteps,
  ...computed,
  ...captured,
  ...byteNumbers,
  ...slowStart,
  ...timeWait,
  ...pages,
  ...narrowLine,
  ...persistent,
  ...proxies,
  ...pipelining,
  ...multiplexing,
  ...closing,
  ...lostAnswers,
]
