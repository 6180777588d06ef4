import type { Lab } from '../course/lab.ts'
import { count, firstSentence } from '../report/words.ts'
import { STYLE } from './html-style.ts'
import { text } from './html-text.ts'
import { labTables } from './lab-tables.ts'
import type { Row } from './row.ts'
import type { BatchResult } from './run.ts'
import { causeText, NO_VERDICT, SIGNS } from './words.ts'

/**
 * The batch as one page that needs nothing beside it: a table of all submissions by lab, one for each lab, folded,
 * and one of all requirements by how many have passed. No script.
 *
 * @param reports - Where the reports lie, seen from the page; empty for the page's own folder.
 */
export function toBatchHtml(result: BatchResult, reports: string): string {
  const { course, rows, seed, node } = result
  const title = `Socket workbook ${course}: ${count(rows.length, 'submission')}`
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${text(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${text(title)}</h1>
<p>${text(summary(rows))} Seed ${seed}, Node ${text(node)}.</p>
<h2 id="submissions">Submissions</h2>
<section class="wide" aria-labelledby="submissions" tabindex="0">
${submissionTable(result, reports)}
</section>
<h2 id="labs">Labs</h2>
${legend()}
${labTables(result)}
<h2 id="requirements">Requirements</h2>
<section class="wide" aria-labelledby="requirements" tabindex="0">
${requirementTable(result)}
</section>
</main>
</body>
</html>
`
}

// --- internal ---

function summary(rows: readonly Row[]): string {
  const graded = rows.filter(({ state }) => state === 'graded').length
  const refused = rows.filter(({ state }) => state === 'refused').length
  const faults = rows.length - graded - refused
  return [
    `${graded} graded`,
    ...(refused > 0 ? [`, ${refused} not graded`] : []),
    ...(faults > 0 ? [`, ${faults} with a fault of the workbook's`] : []),
    '.',
  ].join('')
}

function legend(): string {
  const items = [...Object.values(SIGNS).slice(0, -1), NO_VERDICT].map(({ sign, words, tone }) => {
    const said = sign === '!' ? "not judged: the workbook's fault" : words
    return `<li><span class="${tone}">${sign}</span> ${text(said)}</li>`
  })
  return `<ul class="legend">${items.join('')}</ul>`
}

/** One column a lab, so that a course fits a screen; what lies behind a number is folded below. */
function submissionTable({ labs, rows }: BatchResult, reports: string): string {
  const heads = labs.map(
    (lab) => `<th scope="col" title="${text(lab.title)}"><a href="#lab-${lab.number}">${lab.number}</a></th>`,
  )
  return `<table>
<caption>Each submission's points by lab. A name leads to its report, and a lab to its verdicts.</caption>
<thead>
<tr><th scope="col">Submission</th><th scope="col">Points</th><th scope="col">What stands out</th>${heads.join('')}</tr>
</thead>
<tbody>
${rows.map((row) => submissionRow(row, labs, reports)).join('\n')}
</tbody>
</table>`
}

function submissionRow(row: Row, labs: readonly Lab[], reports: string): string {
  const cells = labs.map((lab) => {
    const { earned, possible } = row.labs.find(({ id }) => id === lab.id)?.points ?? {
      earned: 0,
      possible: 1,
    }
    const tone = earned === 0 ? 'quiet' : earned === possible ? 'good' : 'part'
    return `<td class="number ${tone}">${earned}</td>`
  })
  const { earned, possible } = row.points
  return `<tr class="${row.state}"><th scope="row">${nameCell(row, reports)}</th><td class="number">${earned} of ${possible}</td><td class="cause">${text(causeText(row))}</td>${cells.join('')}</tr>`
}

function nameCell({ name, report }: Row, reports: string): string {
  if (report === null) return text(name)
  const parts = [...reports.split(/[/\\]/).filter(Boolean), `${report}.html`]
  return `<a href="${text(parts.map(encodeURIComponent).join('/'))}">${text(name)}</a>`
}

function requirementTable({ labs, rows }: BatchResult): string {
  const lines = labs.flatMap((lab) =>
    lab.requirements.map((requirement) => {
      const passed = rows.filter((row) => kindOf(row, lab.id, requirement.id) === 'passed').length
      const begun = rows.filter(
        (row) => !['not-started', undefined].includes(kindOf(row, lab.id, requirement.id)),
      ).length
      return `<tr><th scope="row">${lab.number} ${requirement.id}</th><td>${text(firstSentence(requirement.text))}</td><td class="number">${requirement.weight}</td><td class="number">${passed}</td><td class="number">${begun}</td></tr>`
    }),
  )
  return `<table>
<caption>How many of ${count(rows.length, 'submission')} have passed each requirement, and how many have begun it.</caption>
<thead><tr><th scope="col">Requirement</th><th scope="col">What it asks</th><th scope="col">Weight</th><th scope="col">Passed</th><th scope="col">Begun</th></tr></thead>
<tbody>
${lines.join('\n')}
</tbody>
</table>`
}

function kindOf(row: Row, lab: string, requirement: string): string | undefined {
  return row.labs.find(({ id }) => id === lab)?.requirements.find(({ id }) => id === requirement)?.kind
}
