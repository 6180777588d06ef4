import type { Lab } from '../course/lab.ts'
import { count } from '../report/words.ts'
import { NO_VERDICT, SIGNS, type Sign } from './words.ts'
import { text } from './html-text.ts'
import type { Row } from './row.ts'
import type { BatchResult } from './run.ts'

/** A lab's verdicts by submission and requirement, folded: a course has more requirements than a screen has columns. */
export function labTables({ labs, rows }: BatchResult): string {
  return labs.map((lab) => labTable(lab, rows, labs.length === 1)).join('\n')
}

// --- internal ---

function labTable(lab: Lab, rows: readonly Row[], open: boolean): string {
  const heads = lab.requirements.map(
    ({ id, text: said }) => `<th scope="col" title="${text(said)}">${id}</th>`,
  )
  const name = `${lab.number} ${lab.title}`
  const passed = rows.filter((row) => isWhole(row, lab)).length
  return `<details${open ? ' open' : ''}>
<summary id="lab-${lab.number}">${text(name)} <span class="quiet">whole in ${passed} of ${count(rows.length, 'submission')}</span></summary>
<section class="wide" aria-labelledby="lab-${lab.number}" tabindex="0">
<table>
<caption>Verdicts of lab ${text(name)}</caption>
<thead><tr><th scope="col">Submission</th>${heads.join('')}<th scope="col">points</th></tr></thead>
<tbody>
${rows.map((row) => `<tr><th scope="row">${text(row.name)}</th>${cells(row, lab).join('')}</tr>`).join('\n')}
</tbody>
</table>
</section>
</details>`
}

function isWhole(row: Row, lab: Lab): boolean {
  const graded = row.labs.find(({ id }) => id === lab.id)
  return graded !== undefined && graded.requirements.every(({ kind }) => kind === 'passed')
}

function cells(row: Row, lab: Lab): string[] {
  const graded = row.labs.find(({ id }) => id === lab.id)
  const verdicts = lab.requirements.map(({ id }) => {
    const found = graded?.requirements.find((each) => each.id === id)
    return found ? cell(SIGNS[found.kind], found.saw) : cell(NO_VERDICT, graded?.problem?.message ?? '')
  })
  return [...verdicts, `<td class="number">${graded?.points.earned ?? 0}</td>`]
}

/** The sign for the eye, the word for whoever listens, what was seen for whoever points at it. */
function cell({ sign, words, tone }: Sign, saw: string): string {
  const title = saw === '' ? '' : ` title="${text(saw)}"`
  return `<td class="${tone}"${title}><span aria-hidden="true">${sign}</span><span class="spoken">${text(words)}</span></td>`
}
