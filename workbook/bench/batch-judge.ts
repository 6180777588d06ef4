import type { JsonBatch } from '../batch/json.ts'
import type { ExpectedLab, KnownSubmission } from './batch-class.ts'

type JsonRow = JsonBatch['submissions'][number]

/** Where a batch's table is not what it should be, a sentence each. */
export function wrongRows(known: readonly KnownSubmission[], { submissions }: JsonBatch): string[] {
  const rows = new Map(submissions.map((row) => [row.name, row]))
  const missing = known.filter(({ name }) => !rows.has(name)).map(({ name }) => `${name}: no row`)
  const foreign = submissions.filter(({ name }) => !known.some((each) => each.name === name))
  return [
    ...missing,
    ...foreign.map(({ name }) => `${name}: a row that nobody handed in`),
    ...known.flatMap((each) => {
      const row = rows.get(each.name)
      return row ? wrongIn(each, row) : []
    }),
  ]
}

// --- internal ---

function wrongIn({ name, state, cause, labs }: KnownSubmission, row: JsonRow): string[] {
  if (row.state !== state) return [`${name}: ${row.state} (${row.cause?.message ?? ''}), and not ${state}`]
  // A wrong program's cause is whatever stands out among its failures.
  const causes = Object.values(labs).some((each) => typeof each === 'object') ? [] : [cause]
  return [
    ...causes
      .filter((each) => (row.cause?.code ?? null) !== each)
      .map((each) => `${name}: cause ${row.cause?.code}, and not ${each}`),
    ...row.labs.flatMap((lab) =>
      wrongLab(labs[lab.id], lab).map((sentence) => `${name}: lab ${lab.id} ${sentence}`),
    ),
  ]
}

function wrongLab(
  expected: ExpectedLab | undefined,
  { problem, requirements }: JsonRow['labs'][number],
): string[] {
  if (expected === undefined)
    return problem?.code === 'E_MISSING_FILE' ? [] : [`has verdicts, and was not handed in`]
  if (problem) return [`could not be graded: ${problem.code}`]
  if (typeof expected === 'string') {
    return requirements
      .filter(({ kind }) => kind !== expected)
      .map(({ id, kind, saw }) => `${id} ${kind}, and not ${expected}: ${saw}`)
  }
  const failed = requirements.filter(({ kind }) => kind !== 'passed').map(({ id }) => id)
  const same = failed.length === expected.fails.length && failed.every((id) => expected.fails.includes(id))
  return same ? [] : [`fails ${failed.join(' ') || 'nothing'}, and not ${expected.fails.join(' ')}`]
}
