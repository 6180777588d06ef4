import { describe } from 'vitest'
import { test } from './checkout.ts'

/** `npm run wrong`: from a mistake that is made by hand to a patch, and back. */

const DRAFT = '.workbook/wrong/42-hangs-up.ts'
const PATCH = 'test/labs/42-greeting/wrong/hangs-up.patch'

describe('npm run wrong', () => {
  test('lists what catches each', async ({ checkout, expect }) => {
    const { code, stdout } = await checkout.run('wrong 42')
    expect(stdout).toContain(
      'R2   hangs-up.patch\n     The server says everything it has to say, and hangs up.\n     caught by "',
    )
    expect(stdout).toContain('2 wrong programs, 0 of them not caught where they say')
    expect(code).toBe(0)
  })

  test('writes one out, grades it, and saves what was edited as the same patch', async ({
    checkout,
    expect,
  }) => {
    const before = checkout.read(PATCH)
    const shown = await checkout.run('wrong 42 hangs-up')
    expect(shown.stdout).toContain('\n✗ R2')
    expect(shown.stdout).toContain(`${DRAFT} is yours to edit.`)
    expect(checkout.read(DRAFT)).toContain('socket.end().resume()')
    checkout.write(DRAFT, checkout.read(DRAFT).replace('socket.end().resume()', 'socket.resume().end()'))
    const saved = await checkout.run('wrong 42 hangs-up --save')
    expect(saved.stdout).toBe(`${PATCH}: fails R2\n`)
    expect(checkout.read(PATCH)).toBe(
      before.replace('+    socket.end().resume()', '+    socket.resume().end()'),
    )
    expect(checkout.exists(DRAFT)).toBe(false)
  })

  test('begins a new one from the reference, and asks for the mistake and its sentence', async ({
    checkout,
    expect,
  }) => {
    const begun = await checkout.run('wrong 42 waits')
    expect(begun.stdout).toContain('Make one mistake in .workbook/wrong/42-waits.ts')
    const unchanged = await checkout.run('wrong 42 waits --save')
    expect(unchanged).toMatchObject({ code: 2, stderr: expect.stringContaining('(E_NO_MISTAKE)') as string })
    const draft = '.workbook/wrong/42-waits.ts'
    checkout.write(draft, checkout.read(draft).replace("socket.once('end', () => socket.end())", 'socket'))
    const untold = await checkout.run('wrong 42 waits --save')
    expect(untold.stderr).toContain('(E_NO_SENTENCE)')
    await checkout.run('wrong 42 waits --save --mistake Waits.')
    expect(checkout.read('test/labs/42-greeting/wrong/waits.patch')).toMatch(
      /^Waits\.\nfails: R2\n\n--- a\/greeting\.ts\n/,
    )
  })

  test('saves nothing that no check catches', async ({ checkout, expect }) => {
    await checkout.run('wrong 42 harmless')
    const draft = '.workbook/wrong/42-harmless.ts'
    checkout.write(draft, `${checkout.read(draft)}// nothing\n`)
    const { code, stdout } = await checkout.run('wrong 42 harmless --save --mistake None.')
    expect(stdout).toContain('No check catches it')
    expect(code).toBe(1)
    expect(checkout.exists('test/labs/42-greeting/wrong/harmless.patch')).toBe(false)
  })

  test('renews patches after a change of the reference, and names those that are lost', async ({
    checkout,
    expect,
  }) => {
    const solution = 'solutions/42-greeting/greeting.ts'
    checkout.write(solution, checkout.read(solution).replace("socket.once('end', ", "socket.on('end', "))
    const { code, stdout } = await checkout.run('wrong 42 --renew')
    expect(stdout).toContain(`${PATCH} no longer applies: make the mistake again\n`)
    expect(code).toBe(1)
  })
})
