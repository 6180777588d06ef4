import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { usageOf } from '../../workbook/learner/usage.ts'

/** What the watchdog reads of a process: CPU time and memory. */

test('a process that computes has used CPU, one that waits has not', async () => {
  const program = (work: string): string => `${work}; process.stdout.write('.'); setInterval(() => {}, 1e6)`
  const busy = await start(
    program('const end = process.cpuUsage().user + 4e5; while (process.cpuUsage().user < end);'),
  )
  const waiting = await start(program(''))
  const [computed, waited] = [usageOf(busy.pid)?.cpuSeconds ?? 0, usageOf(waiting.pid)?.cpuSeconds ?? 0]
  expect(computed).toBeGreaterThanOrEqual(0.35)
  expect(waited).toBeLessThan(computed)
  await Promise.all([busy.end(), waiting.end()])
})

test('memory outside the heap counts: it is what the system holds for the process', async () => {
  const megabyte = 2 ** 20
  const program = `const kept = Buffer.alloc(${100 * megabyte}, 1); process.stdout.write('.'); setInterval(() => kept, 1e6)`
  const holding = await start(program)
  const resident = usageOf(holding.pid)?.residentBytes ?? 0
  expect(resident).toBeGreaterThan(100 * megabyte)
  expect(resident).toBeLessThan(250 * megabyte)
  await holding.end()
})

test('a name with parentheses and spaces does not shift the fields', async () => {
  const program = "process.title = 'a) R (b 1 2'; process.stdout.write('.'); setInterval(() => {}, 1e6)"
  const named = await start(program)
  expect(usageOf(named.pid)?.residentBytes).toBeGreaterThan(10 * 2 ** 20)
  expect(usageOf(named.pid)?.cpuSeconds).toBeLessThan(30)
  await named.end()
})

test('a process that is gone has no usage', async () => {
  const gone = await start("process.stdout.write('.'); setInterval(() => {}, 1e6)")
  await gone.end()
  expect(usageOf(gone.pid)).toBeNull()
})

// --- internal ---

/** Starts a Node program, and waits until it has printed a dot. */
async function start(program: string): Promise<{ readonly pid: number; end(): Promise<void> }> {
  const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(child.stdout, 'data')
  const end = async (): Promise<void> => {
    const closed = once(child, 'close')
    child.kill('SIGKILL')
    await closed
  }
  return { pid: child.pid ?? 0, end }
}
