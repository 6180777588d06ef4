import { escapeXml } from '../figure/text.ts'
import type { Lab } from '../course/lab.ts'
import { count, firstSentence } from '../report/words.ts'
import { STYLE } from './html-style.ts'
import type { Row } from './row.ts'
import type { BatchResult } from './run.ts'
import { causeText, NO_VERDICT, SIGNS, type Sign } from './words.ts'

/**
 * The batch as one page that needs nothing beside it: a table of all submissions by lab and requirement,
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
${legend()}
<section class="wide" aria-labelledby="submissions" tabindex="0">
${submissionTable(result, reports)}
</section>
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

function submissionTable({ labs, rows }: BatchResult, reports: string): string {
  const groups = labs.map(
    (lab) =>
      `<th scope="colgroup" colspan="${lab.requirements.length + 1}">${text(`${lab.number} ${lab.title}`)}</th>`,
  )
  const heads = labs.flatMap((lab) => [
    ...lab.requirements.map(({ id, text: said }) => `<th scope="col" title="${text(said)}">${id}</th>`),
    '<th scope="col">points</th>',
  ])
  const columns = labs.map((lab) => `<colgroup span="${lab.requirements.length + 1}"></colgroup>`)
  return `<table>
<caption>Each submission's verdicts by lab and requirement. A name leads to its report.</caption>
<colgroup></colgroup><colgroup></colgroup><colgroup></colgroup>${columns.join('')}
<thead>
<tr><th scope="col" rowspan="2">Submission</th><th scope="col" rowspan="2">Points</th><th scope="col" rowspan="2">What stands out</th>${groups.join('')}</tr>
<tr>${heads.join('')}</tr>
</thead>
<tbody>
${rows.map((row) => submissionRow(row, labs, reports)).join('\n')}
</tbody>
</table>`
}

function submissionRow(row: Row, labs: readonly Lab[], reports: string): string {
  const cells = labs.flatMap((lab) => labCells(row, lab))
  const { earned, possible } = row.points
  return `<tr class="${row.state}"><th scope="row">${nameCell(row, reports)}</th><td class="number">${earned} of ${possible}</td><td class="cause">${text(causeText(row))}</td>${cells.join('')}</tr>`
}

function nameCell({ name, report }: Row, reports: string): string {
  if (report === null) return text(name)
  const parts = [...reports.split(/[/\\]/).filter(Boolean), `${report}.txt`]
  return `<a href="${text(parts.map(encodeURIComponent).join('/'))}">${text(name)}</a>`
}

function labCells(row: Row, lab: Lab): string[] {
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

/** Names are students' own: marks that turn the direction of reading or control the screen are shown as such. */
function text(raw: string): string {
  return escapeXml(raw.replace(/[\p{Cc}\p{Cs}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/gu, '\uFFFD'))
}
