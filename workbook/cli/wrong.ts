import path from 'node:path'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { root } from '../bundle/root.ts'
import { runProgram } from '../bench/child.ts'
import type { WrongPlan } from '../bench/wrong/plan.ts'
import type { Course, Lab } from '../course/lab.ts'
import { runSuites } from '../grading/vitest/run.ts'
import { patchFile, renewed } from '../grading/wrong-file.ts'
import { changedFileOf, readWrongProgram, wrongProgramFiles } from '../grading/wrong-program.ts'
import type { LabResult } from '../report/result.ts'
import { renderResult } from '../report/terminal.ts'
import type { Command, Input } from './command.ts'
import { labResult, providedFor } from './grade-labs.ts'
import { readSeed } from './grade.ts'
import { selectOne } from './selection.ts'
import { print, terminal } from './terminal.ts'
import { UsageError } from './usage-error.ts'
import { Draft } from './wrong/draft.ts'

export const wrong: Command = {
  name: 'wrong',
  summary: 'lists the wrong programs of a lab, writes one out, grades it, and saves it as a patch',
  usage: 'npm run wrong -- LAB [NAME [--save --mistake "a sentence"]] [--renew] [--seed N]',
  options: {
    save: { type: 'boolean' },
    mistake: { type: 'string' },
    renew: { type: 'boolean' },
    seed: { type: 'string' },
  },
  async run({ words: [number, name, ...more], flags }: Input): Promise<number> {
    const { course, lab } = selectOne(number === undefined ? [] : [number], 'wrong', 0)
    const again = `npm run wrong -- ${lab.number}`
    if (more.length > 0) throw new UsageError('E_ONE_PROGRAM', 'One program at a time.', `${again} ${name}`)
    if (flags['renew'] === true) return await renew(lab)
    const seed = readSeed(flags['seed'])
    if (name === undefined)
      return await runProgram(root, 'wrong.ts', { id: lab.id, seed } satisfies WrongPlan)
    refuseSeveralFiles(lab)
    const draft = new Draft(root, lab, name.replace(/\.patch$/, ''))
    return flags['save'] === true ? await save(course, draft, seed, flags) : await show(course, draft, seed)
  },
}

// --- internal ---

/** A draft is one file; where the reference is several, a patch is written by hand and names the one that it changes. */
function refuseSeveralFiles(lab: Lab): void {
  if (readdirSync(path.join(root, 'solutions', lab.id)).length < 2) return
  throw new UsageError(
    'E_SEVERAL_FILES',
    `The reference of lab ${lab.number} has several files, and a draft is one file.`,
    `write the patch by hand, then npm run wrong -- ${lab.number} to see what catches it`,
  )
}

/** Writes it out, unless it is being edited already, and grades it with its ladder. */
async function show(course: Course, draft: Draft, seed: number): Promise<number> {
  const text = draft.text ?? draft.writeOut()
  const result = await grade(course, draft, seed)
  await print(renderResult({ ...about(course, seed), labs: [result] }, terminal()))
  const command = `npm run wrong -- ${draft.lab.number} ${draft.name}`
  const next =
    text === draft.reference
      ? `Make one mistake in ${draft.file}, then ${command}`
      : `${draft.file} is yours to edit. ${command} --save makes a patch of it.`
  await print(`\n${next}\n`)
  return 0
}

async function save(course: Course, draft: Draft, seed: number, flags: Input['flags']): Promise<number> {
  const again = `npm run wrong -- ${draft.lab.number} ${draft.name}`
  const { text, reference, kept } = draft
  if (text === null || text === reference)
    throw new UsageError('E_NO_MISTAKE', `There is no mistake in ${draft.file} yet.`, again)
  const mistake = typeof flags['mistake'] === 'string' ? flags['mistake'] : kept?.mistake
  if (!mistake)
    throw new UsageError(
      'E_NO_SENTENCE',
      'What is the mistake?',
      `${again} --save --mistake "Sends its FIN first."`,
    )
  const failed = failedIn(await grade(course, draft, seed))
  const [first, ...also] = failed
  if (!first) {
    await print(`No check catches it: that is the one to write first. ${draft.file} stays as it is.\n`)
    return 1
  }
  const { says = null, beforeNode = null } = kept ?? {}
  draft.save(patchFile({ mistake, first, also, says, beforeNode }, draft.lab.entry, reference, text))
  await print(`${draft.patch}: fails ${failed.join(' ')}\n`)
  return 0
}

async function grade(course: Course, { lab, file }: Draft, seed: number): Promise<LabResult> {
  const graded = { lab, program: path.join(root, file), file, problem: null, hasSolution: false }
  const provided = providedFor(root, [{ ...graded, requirements: [] }], { seed })
  const [run] = await runSuites([lab.id], provided)
  return labResult(graded, [], run)
}

function about({ version, title }: Course, seed: number) {
  return { course: version, title, seed, node: process.version }
}

function failedIn({ requirements }: LabResult): string[] {
  return requirements.filter(({ kind }) => kind !== 'passed').map(({ requirement }) => requirement.id)
}

/** After a change of the reference: each patch is made anew, if its mistake can be found there. */
async function renew(lab: Lab): Promise<number> {
  const lost: string[] = []
  for (const file of wrongProgramFiles(root, lab.id).filter((each) => each.endsWith('.patch'))) {
    const program = readWrongProgram(root, file)
    const changed = changedFileOf(program, lab.entry)
    const text = renewed(
      program,
      changed,
      readFileSync(path.join(root, 'solutions', lab.id, changed), 'utf8'),
    )
    if (text === null) lost.push(file)
    else writeFileSync(path.join(root, file), text)
  }
  const told = lost.map((file) => `${file} no longer applies: make the mistake again\n`)
  await print(told.join('') || `All patches of lab ${lab.number} apply to today's reference.\n`)
  return lost.length === 0 ? 0 : 1
}
