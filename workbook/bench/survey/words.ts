import { count } from '../../report/words.ts'
import type { Change } from './change.ts'
import type { Tally } from './grade-changes.ts'
import { reasonsFileOf } from './reasons.ts'
import type { Fault, Survey, Survivor } from './survey.ts'

/** The lines of a survey. */

/** All of it, and what to do about what survives. */
export function surveyLines(survey: Survey): string[] {
  const { lab, file, requirements, seed, seconds, survivors, stale, faults } = survey
  const only = requirements.length === 0 ? '' : `, checks of ${requirements.join(' ')} alone`
  const open = survivors.filter(({ why }) => why === null)
  const explained = survivors.filter(({ why }) => why !== null)
  return [
    `Small changes of ${file}, seed ${seed}${only}, ${Math.round(seconds)} s`,
    ...open.flatMap((survivor) => ['', ...survivorLines(survivor)]),
    ...explained.flatMap((survivor) => ['', ...survivorLines(survivor)]),
    ...faults.flatMap((fault) => ['', ...faultLines(fault)]),
    ...stale.flatMap((reason) => [
      '',
      `! ${reasonsFileOf(lab)}:${reason.line}: this change does not survive; remove it`,
      ...changeLines(reason),
    ]),
    '',
    scoreLine(survey),
    ...(open.length === 0 ? [] : [wayOn(lab)]),
  ]
}

/** `lab 42: 120 of 269 changes, 3 survive`. */
export function progressLine(lab: string, { changes, survivors }: Tally, all: number): string {
  return `lab ${lab}: ${changes} of ${count(all, 'change')}, ${survivors.length} survive`
}

/** The scores of several labs, as the lines of a table: first this one. */
export const TABLE_HEAD = row(['lab', 'changes', 'killed', 'score', 'with a reason', 'without', 'seconds'])

export function tableRow({ lab, changes, killed, survivors, seconds }: Survey): string {
  const open = survivors.filter(({ why }) => why === null).length
  const numbers = [
    changes,
    killed,
    percent(killed, changes),
    survivors.length - open,
    open,
    seconds.toFixed(1),
  ]
  return row([lab, ...numbers.map(String)])
}

// --- internal ---

function survivorLines(survivor: Survivor): string[] {
  const { in: file, line, column, mutator, why } = survivor
  const place = `${why === null ? '✗' : '✓'} ${file}:${line}:${column}  ${mutator}`
  return [place, ...changeLines(survivor), ...(why === null ? [] : [`    ${why}`])]
}

/** The form in which a reason names its change. */
function changeLines({ within, before, after }: Change): string[] {
  return [`    @@ ${within}`, `    -${before}`, `    +${after}`]
}

function faultLines(fault: Fault): string[] {
  const { in: file, line, column, requirement, title, saw } = fault
  return [
    `! ${requirement} "${title}" broke, and did not judge: ${saw}`,
    `    ${file}:${line}:${column}`,
    ...changeLines(fault),
  ]
}

function scoreLine({ changes, killed, survivors, stale, faults }: Survey): string {
  const open = survivors.filter(({ why }) => why === null).length
  const parts = [
    `${killed} of ${count(changes, 'change')} killed, ${percent(killed, changes)}`,
    `${survivors.length - open} with a reason`,
    `${open} without`,
    ...(stale.length === 0 ? [] : [count(stale.length, 'stale reason')]),
    ...(faults.length === 0 ? [] : [`${count(faults.length, 'check')} broke`]),
  ]
  return parts.join('; ')
}

function wayOn(lab: string): string {
  return `Kill what survives by a check, make it impossible by a simpler reference, or say in ${reasonsFileOf(lab)} why no check can see it.`
}

/** Never 100 % where one survives. */
function percent(part: number, whole: number): string {
  return `${whole === 0 ? '0.0' : (Math.floor((part / whole) * 1000) / 10).toFixed(1)} %`
}

function row([lab = '', ...cells]: readonly string[]): string {
  return lab.padEnd(22) + cells.map((cell) => cell.padStart(15)).join('')
}
