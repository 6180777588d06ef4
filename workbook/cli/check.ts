import { root } from '../bundle/root.ts'
import { findingsOf, INVARIANTS } from '../invariants/all.ts'
import type { Finding } from '../invariants/invariant.ts'
import { readReadable } from '../invariants/read-course.ts'
import { indent, viewOf, wrap, type View } from '../report/layout.ts'
import { count } from '../report/words.ts'
import type { Command } from './command.ts'
import { renderFinding } from './finding.ts'
import { print, terminal } from './terminal.ts'
import { runTool, TOOLS, type Tool, type ToolResult } from './tools.ts'

export const check: Command = {
  name: 'check',
  summary: 'types, lint, format, dead code, and what the course demands of itself',
  usage: 'npm run check',
  options: {},
  async run() {
    const view = viewOf(terminal())
    let [passed, failed] = [0, 0]
    for await (const { lines, holds } of allChecks(view)) {
      if (holds) passed++
      else failed++
      await print(`${lines.join('\n')}\n`)
    }
    await print(`\n${wrap(closing(passed, failed), view.width).join('\n')}\n`)
    return failed === 0 ? 0 : 1
  },
}

// --- internal ---

interface Checked {
  readonly holds: boolean
  readonly lines: readonly string[]
}

/** One after the other as they come, and all of them, whatever the others found. */
async function* allChecks(view: View): AsyncGenerator<Checked> {
  const running = TOOLS.map((tool) => ({ tool, result: runTool(tool) }))
  for (const { tool, result } of running) yield checkedTool(tool, await result, view)
  const started = performance.now()
  const { course, findings } = readReadable(root)
  yield checkedFindings('pages of the labs', findings, count(course.labs.length, 'lab'), started, view)
  for (const invariant of INVARIANTS) {
    const before = performance.now()
    const found = await findingsOf(invariant, course)
    yield checkedFindings(invariant.name, found, invariant.note?.(course) ?? '', before, view)
  }
}

function checkedTool(
  { name, next }: Tool,
  { passed, output, milliseconds }: ToolResult,
  view: View,
): Checked {
  const lines = passed
    ? []
    : [...indent(wrap(output.trimEnd(), view.width - 2), 2), `  next      ${view.paint('command', next)}`]
  return { holds: passed, lines: [headline(passed, name, '', milliseconds, view), ...lines] }
}

function checkedFindings(
  name: string,
  findings: readonly Finding[],
  note: string,
  started: number,
  view: View,
): Checked {
  const holds = findings.length === 0
  const said = holds ? note : count(findings.length, 'finding')
  const lines = findings.flatMap((finding) => indent(renderFinding(finding, view), 2))
  return { holds, lines: [headline(holds, name, said, performance.now() - started, view), ...lines] }
}

function headline(holds: boolean, name: string, note: string, milliseconds: number, view: View): string {
  const mark = holds ? view.paint('good', '✓') : view.paint('bad', '✗')
  const time = milliseconds < 1000 ? `${Math.ceil(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(1)} s`
  return `${mark} ${name}  ${view.paint('quiet', note === '' ? time : `${note}, ${time}`)}`
}

function closing(passed: number, failed: number): string {
  const said = failed === 0 ? `All ${passed} hold.` : `${failed} of ${passed + failed} do not hold.`
  return `${said} That solutions pass, starters are not started and wrong programs fail as they say is proven by npm test.`
}
