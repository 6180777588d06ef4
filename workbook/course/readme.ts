import { CourseError, quote } from './course-error.ts'
import { readFrontMatter } from './front-matter.ts'
import type { Lab } from './lab.ts'
import { readSections } from './markdown.ts'
import type { Page } from './page.ts'
import { readPredictions } from './predictions.ts'
import { readRequirements } from './requirements.ts'
import { readTextFile } from './text-file.ts'
import { splitPage } from './yaml-block.ts'

/** `NN-name`: two digits, then words. */
export const LAB_FOLDER = /^(\d\d)-([a-z][a-z0-9]*(?:-[a-z0-9]+)*)$/

/**
 * Reads a lab from its README, which is both its manifest and the page that the learner reads, and
 * from the optional predictions.md beside it.
 *
 * @param root - Absolute path of the checkout.
 * @param folder - Name of the lab's folder in `labs/`.
 * @param numbers - Numbers of all labs, to check `needs` against; without it, only the order is checked.
 * @throws CourseError at the first fault.
 */
export function readLab(root: string, folder: string, numbers?: ReadonlySet<string>): Lab {
  const page = readPage(root, folder)
  const { needs, weights, sections, ...facts } = page.facts
  checkTitle(page)
  checkNeeds(page, numbers)
  return {
    id: folder,
    number: page.number,
    ...facts,
    needs: needs.map(({ value }) => value),
    requirements: readRequirements(page),
    predictions: readPredictions(root, folder),
  }
}

function readPage(root: string, folder: string): Page {
  const file = `labs/${folder}/README.md`
  const number = LAB_FOLDER.exec(folder)?.[1]
  if (number === undefined) throw misnamed(folder)
  const text = readTextFile(root, file)
  const { yaml, body } = splitPage(text, file)
  const lastLine = text.trimEnd().split('\n').length
  return { file, number, facts: readFrontMatter(yaml, file), sections: readSections(body), lastLine }
}

function checkTitle({ file, number, facts, sections, lastLine }: Page): void {
  const wanted = `Lab ${number}: ${facts.title}`
  const heading = sections.find(({ level }) => level === 1)
  if (heading?.title === wanted) return
  throw new CourseError('E_COURSE_TITLE', {
    file,
    line: heading?.line ?? lastLine,
    expected: `the heading "# ${wanted}"`,
    found: heading ? quote(`# ${heading.title}`) : 'no heading of the first level',
    next: 'Folder, front matter and heading must agree.',
  })
}

function checkNeeds({ file, number, facts }: Page, numbers: ReadonlySet<string> | undefined): void {
  for (const { value, line } of facts.needs) {
    const isKnown = numbers?.has(value) ?? true
    if (isKnown && value < number) continue
    throw new CourseError('E_COURSE_NEEDS', {
      file,
      line,
      expected: `a lab before ${number} for \`needs\``,
      found: isKnown ? quote(value) : `${quote(value)}, which no lab has`,
      next: 'Correct the number, or remove it.',
    })
  }
}

function misnamed(folder: string): CourseError {
  return new CourseError('E_COURSE_FOLDER', {
    file: `labs/${folder}`,
    line: null,
    expected: 'a folder named by two digits and words, such as 01-my-lab',
    found: quote(folder),
    next: 'Rename the folder, or move it out of labs/.',
  })
}
