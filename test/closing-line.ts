import type { Reporter, TestCase, TestModule } from 'vitest/node'

/** Ends the output with the one line that a script reads; before it stands what was skipped, and why. */
export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly unknown[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()])
    const count = (state: string): number => tests.filter((test) => test.result().state === state).length
    const broken = modules.filter((module) => module.errors().length > 0).length + unhandled.length
    process.stdout.write(`\n${skipped(tests)}${count('passed')} passed, ${count('failed') + broken} failed\n`)
  }
}

// --- internal ---

/** A line on the programs that were not there; empty where none was missed. */
function skipped(tests: readonly TestCase[]): string {
  const missed = new Map<string, number>()
  for (const test of tests) {
    const { needs } = test.meta() as { needs?: string }
    if (needs !== undefined && test.result().state === 'skipped')
      missed.set(needs, (missed.get(needs) ?? 0) + 1)
  }
  if (missed.size === 0) return ''
  const counts = [...missed]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([program, number]) => `${program} (${number} ${number === 1 ? 'test' : 'tests'})`)
  return `Skipped for want of ${counts.join(', ')}: README.md, "For those who change it", says how to get them.\n`
}
