import { copyFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import type { Lab } from '../course/lab.ts'
import { root } from '../bundle/root.ts'
import type { Command, Input } from './command.ts'
import { forget } from './progress.ts'
import { selectOne } from './selection.ts'
import { print } from './terminal.ts'
import { UsageError } from './usage-error.ts'
import { readKeys } from './watch/keys.ts'

export const reset: Command = {
  name: 'reset',
  summary: 'puts the starter back and keeps a dated copy of your file',
  usage: 'npm run reset -- LAB [--yes]',
  options: { yes: { type: 'boolean' } },
  async run({ words, flags }: Input): Promise<number> {
    const { lab } = selectOne(words, 'reset', 0)
    const question = flags['yes'] === true ? null : resetQuestion(lab)
    if (question !== null && !(await agrees(question))) {
      await print('Nothing was changed.\n')
      return 0
    }
    const { said, changed } = resetLab(lab)
    await print(`${said}\n${changed ? `Next: npm run grade -- ${lab.number}\n` : ''}`)
    return 0
  },
}

/** @returns Null where nothing would be put aside, so that nobody needs to be asked. */
export function resetQuestion({ id, number, entry }: Lab): string | null {
  const [file, starter] = [entry, '.starter'].map((name) => path.join(root, 'labs', id, name))
  if (!file || !starter || !existsSync(file) || !existsSync(starter)) return null
  if (readFileSync(file).equals(readFileSync(starter))) return null
  return `Put the starter of lab ${number} back? Your file is kept beside it, with the date.`
}

/**
 * Puts the starter back, and the learner's file aside.
 *
 * @throws UsageError `E_NO_STARTER`
 */
export function resetLab(lab: Lab): { readonly said: string; readonly changed: boolean } {
  const folder = path.join('labs', lab.id)
  const [file, starter] = [path.join(folder, lab.entry), path.join(folder, '.starter')]
  if (!existsSync(path.join(root, starter))) {
    throw new UsageError(
      'E_NO_STARTER',
      `${starter} is missing, so there is nothing to go back to.`,
      `git checkout -- ${starter}`,
    )
  }
  const kept = keep(file, starter, folder)
  if (kept === 'same') return { said: `${file} is the starter already.`, changed: false }
  copyFileSync(path.join(root, starter), path.join(root, file))
  forget(lab.id)
  const where = kept === null ? '' : ` Your file is kept as ${kept}.`
  return { said: `${file} is the starter again.${where}`, changed: true }
}

// --- internal ---

/** As the key of `npm start` does. A script has nobody to ask, and means it. */
async function agrees(question: string): Promise<boolean> {
  const { stdin, stdout } = process
  if (!stdin.isTTY || !stdout.isTTY) return true
  stdout.write(`${question}\ny yes   any other key: no\n`)
  return await new Promise((resolve) => {
    const keys = readKeys(
      stdin,
      (key) => {
        keys.close()
        resolve(key === 'y')
      },
      () => undefined,
    )
  })
}

/** Copies the learner's file aside. @returns Where, or null without a file, or `same` as the starter. */
function keep(file: string, starter: string, folder: string): string | null {
  const absolute = path.join(root, file)
  if (!existsSync(absolute)) return null
  if (readFileSync(absolute).equals(readFileSync(path.join(root, starter)))) return 'same'
  const stamp = new Date().toISOString().replace(/[:.]/g, '-')
  const backup = path.join(folder, '.backup', `${stamp}-${path.basename(file)}`)
  mkdirSync(path.join(root, path.dirname(backup)), { recursive: true })
  copyFileSync(absolute, path.join(root, backup))
  return backup
}
