import { COLD_BOUND } from './cold.ts'
import { COURSE_BOUND } from './whole-course.ts'
import type { Spread } from './figures.ts'
import { SAVE_BOUND } from './save.ts'
import { DOCS_BOUND, type DocsFigures } from './site.ts'
import type { Speeds } from './speeds.ts'

/** The speeds as lines of text. */
export function renderSpeeds({ cold, save, checks, course, docs }: Speeds): string {
  const { timesBare, millisecondsACheck } = COLD_BOUND
  const further = save.further.median / SAVE_BOUND.millisecondsFurther
  const sections = [
    [
      `Grading lab ${cold.lab} from a cold start, ${cold.checks} checks`,
      row('npm run grade', cold.grade),
      row('bare vitest run', cold.bare),
      verdict(cold.share, `${timesBare} × bare + ${millisecondsACheck} ms a check`),
    ],
    [
      `From a save to the verdicts of lab ${save.lab} in npm start, some seconds after the last one`,
      row('first verdict', save.first),
      row("bare Vitest's own watch", save.bare),
      verdict(save.share, `${SAVE_BOUND.timesBare} × bare`),
      row('each further check', save.further),
      verdict(further, `${SAVE_BOUND.millisecondsFurther} ms`),
    ],
    [
      `Checks against their solutions, one after the other, ${checks.samples} samples`,
      `  ${'median'.padEnd(LABEL)}${milliseconds(checks.median)}`,
      `  ${'99 of 100 within'.padEnd(LABEL)}${milliseconds(checks.p99)}`,
      ...checks.suites.map(({ lab, checks: number, suite }) => row(`${lab}, ${number} checks`, suite)),
    ],
    [
      'The whole course with --solutions',
      ...course.labs.map(
        (lab) => `  ${`${lab.lab}, ${lab.checks} checks`.padEnd(LABEL)}${milliseconds(lab.milliseconds)}`,
      ),
      `  ${'total'.padEnd(LABEL)}${milliseconds(course.seconds * 1000)}`,
      verdict(course.seconds / COURSE_BOUND.seconds, `${COURSE_BOUND.seconds} s`),
    ],
    docsLines(docs),
  ]
  return `${sections.map((lines) => lines.join('\n')).join('\n\n')}\n`
}

/** The pages by themselves. */
export function docsLines({ pages, fresh, full, page, rebuild }: DocsFigures): string[] {
  const { fullMilliseconds, rebuildMilliseconds } = DOCS_BOUND
  return [
    `Building the ${pages} pages of the docs`,
    row('all, and all code coloured anew', fresh),
    verdict(fresh.median / fullMilliseconds, `${fullMilliseconds} ms`),
    row('all, colours kept from an earlier build', full),
    verdict(full.median / fullMilliseconds, `${fullMilliseconds} ms`),
    row(`again, after a change in ${page}`, rebuild),
    verdict(rebuild.median / rebuildMilliseconds, `${rebuildMilliseconds} ms`),
  ]
}

// --- internal ---

const LABEL = 40

function row(label: string, { median, min, max }: Spread): string {
  return `  ${label.padEnd(LABEL)}${milliseconds(median)}   ${Math.round(min)} to ${Math.round(max)}`
}

function milliseconds(value: number): string {
  return `${value < 100 ? value.toFixed(1) : String(Math.round(value))} ms`.padStart(9)
}

/** @param share - Of the bound; up to 1 is within. */
function verdict(share: number, bound: string): string {
  return `  ${share <= 1 ? 'within' : 'OVER'} ${bound}: ${Math.round(share * 100)} % of it`
}
