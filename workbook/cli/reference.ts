import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import type { Lab } from '../course/lab.ts'
import { referenceText } from '../course/reference.ts'
import { unseal } from '../course/seal.ts'
import { sealedReferenceOf, suiteFilesOf } from '../course/suite-files.ts'
import { UsageError } from './usage-error.ts'

/** Whether this edition has the reference of a lab: open in a full checkout, sealed in some handouts. */
export function hasReference(root: string, lab: Lab): boolean {
  return [openReferenceOf(lab), sealedReferenceOf(lab.id)].some((file) => existsSync(path.join(root, file)))
}

/**
 * The reference, for whoever has passed.
 *
 * @throws UsageError `E_SEAL` where the seal does not open.
 */
export function readReference(root: string, lab: Lab): string {
  if (existsSync(path.join(root, openReferenceOf(lab)))) return referenceText(root, lab)
  const [sealed, suite] = [sealedReferenceOf(lab.id), suiteFilesOf(root, lab.id).suite]
  const text = unseal(readFileSync(path.join(root, sealed), 'utf8'), readFileSync(path.join(root, suite)))
  if (text !== null) return text
  const message = `${sealed} does not open: it, or ${suite}, is not as it was handed out.`
  throw new UsageError('E_SEAL', message, 'restore both from the handout that you were given')
}

/** What it is called for whoever looks for it: sealed, it is no file of its own. */
export function nameOfReference(root: string, lab: Lab): string {
  const file = openReferenceOf(lab)
  return existsSync(path.join(root, file)) ? file : `The reference of lab ${lab.number}`
}

// --- internal ---

function openReferenceOf({ id, entry }: Lab): string {
  return `solutions/${id}/${entry}`
}
