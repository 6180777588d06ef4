import { filesBelow, linesOf } from './files.ts'
import type { Finding, Invariant } from './invariant.ts'

/** A page quotes code by the name of its region, so a name has one beginning and one end. */
export const regions: Invariant = {
  name: 'regions in code',
  find: ({ root }) =>
    ['labs', 'solutions']
      .flatMap((folder) => filesBelow(root, folder))
      .filter((file) => file.endsWith('.ts'))
      .flatMap((file) => findIn(root, file)),
}

// --- internal ---

const MARK = /^\s*\/\/ ?#(region|endregion)\b(.*)$/

function findIn(root: string, file: string): Finding[] {
  const open = new Map<string, number>()
  const seen = new Set<string>()
  const findings: Finding[] = []
  const report = (line: number, expected: string, found: string, next: string): void =>
    void findings.push({ file, line, expected, found, next })
  for (const { text, line } of linesOf(root, file)) {
    const [, mark, rest = ''] = MARK.exec(text) ?? []
    if (mark === undefined) continue
    const name = rest.trim()
    if (name === '') report(line, `#${mark} with a name`, 'none', 'Name it after what it shows.')
    else if (mark === 'region') {
      if (seen.has(name)) report(line, 'a name of its own', `a second ${name}`, 'Rename it.')
      open.set(name, line)
    } else if (!open.delete(name))
      report(line, `#region ${name} before it`, 'none', 'Correct the name, or remove the mark.')
    seen.add(name)
  }
  for (const [name, line] of open) report(line, `#endregion ${name} after it`, 'none', 'Close the region.')
  return findings
}
