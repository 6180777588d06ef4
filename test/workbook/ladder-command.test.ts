import { describe } from 'vitest'
import { test } from './checkout.ts'
import { GREETING } from './greeting-lab.ts'

/** `npm run ladder`: the wire of the last run, drawn again. */

const ENTRY = 'labs/42-greeting/greeting.ts'
const HANGS_UP = GREETING.replace("socket.once('end', () => socket.end())", 'socket.end()')
const RECORD = '.workbook/runs/42-greeting.json'

describe.concurrent('ladder', () => {
  test('draws the last run again, of a check that passed and of one that failed', async ({
    checkout,
    expect,
  }) => {
    checkout.write(ENTRY, HANGS_UP)
    await checkout.run('grade 42 --seed 7')
    const passed = await checkout.run('ladder 42 R1')
    expect(passed.stdout).toMatch(/^42 R1 {2}Every client is greeted/)
    expect(passed.stdout).toMatch(
      /\nFrom your last run, \d{4}-\d\d-\d\d at \d\d:\d\d:\d\d, seed 7; npm run grade\n?/,
    )
    expect(passed.stdout).toMatch(/✓ {5}the greeting comes unasked\n\n {6}you +client\n/)
    expect(passed.stdout).not.toContain('✗')
    const failed = await checkout.run('ladder 42 R2')
    expect(failed.stdout).toMatch(
      /─── FIN ─+▶│\n +│ {2}✗ expected the connection still open, saw FIN from you/,
    )
    expect([passed.code, failed.code, failed.stderr]).toEqual([0, 0, ''])
  })

  test('with --bytes shows every message, whole, with its place', async ({ checkout, expect }) => {
    checkout.write(ENTRY, GREETING)
    const { code, stdout } = await checkout.run('ladder 42 R1 --bytes')
    expect(stdout).toMatch(/\n {6}you to client, \d+ B, bytes 0 to \d+\n {8}hello from \S+\\r\\n\n/)
    expect(code).toBe(0)
  })

  test('without a requirement takes the first that failed', async ({ checkout, expect }) => {
    checkout.write(ENTRY, HANGS_UP)
    await checkout.run('grade 42')
    expect((await checkout.run('ladder 42')).stdout).toMatch(/^42 R2 /)
  })

  test('grades first where there is no record', async ({ checkout, expect }) => {
    checkout.write(ENTRY, GREETING)
    const { code, stdout } = await checkout.run('ladder 42 R2')
    expect(stdout).toContain('Graded just now, seed ')
    expect(stdout).toMatch(/✓ {5}the server stays until the client has sent FIN/)
    expect(checkout.exists(RECORD)).toBe(true)
    expect(code).toBe(0)
  })

  test('grades again when the file has changed since', async ({ checkout, expect }) => {
    checkout.write(ENTRY, HANGS_UP)
    await checkout.run('grade 42')
    checkout.write(ENTRY, GREETING)
    const { stdout } = await checkout.run('ladder 42 R2')
    expect(stdout).toContain('Graded just now, seed ')
    expect(stdout).not.toContain('✗')
  })

  test.for(['{', '[]', '{"format":1,"lab":"42-greeting","requirements":{"R2":{"checks":[{}]}}}'])(
    'grades again where the record is broken: %s',
    async (broken, { checkout, expect }) => {
      checkout.write(ENTRY, GREETING)
      checkout.write(RECORD, broken)
      const { code, stdout } = await checkout.run('ladder 42 R2')
      expect(stdout).toContain('Graded just now, seed ')
      expect(code).toBe(0)
    },
  )

  test('writes one check as a drawing and as a page that need no other file', async ({
    checkout,
    expect,
  }) => {
    checkout.write(ENTRY, HANGS_UP)
    const { code, stdout } = await checkout.run('ladder 42 R2 --svg a.svg --html a.html')
    const title = 'the server stays until the client has sent FIN'
    expect(stdout).toBe(`a.svg: ${title}\na.html: ${title}\n`)
    expect(checkout.read('a.svg')).toMatch(/^<svg [\s\S]*FIN[\s\S]*<\/svg>\s*$/)
    expect(checkout.read('a.svg')).toContain('✗ expected the')
    expect(checkout.read('a.html')).toMatch(/^<!doctype html>[\s\S]*<svg [\s\S]*<table/)
    expect(checkout.read('a.html')).toMatch(
      /Byte by byte<\/h2>\n<pre class="wide">you to client, \d+ B, bytes 0 to/,
    )
    expect(checkout.read('a.html')).not.toMatch(/<script|<link|src=/)
    expect(code).toBe(0)
  })

  test('of a check that is not there says how many there are', async ({ checkout, expect }) => {
    checkout.write(ENTRY, GREETING)
    const { code, stderr } = await checkout.run('ladder 42 R1 --svg a.svg --check 3')
    expect(stderr).toBe(
      'There is no check 3: this requirement has 1 check.\nNext: npm run ladder -- 42 R1\n(E_CHECK)\n',
    )
    expect(code).toBe(2)
  })

  test('of a file that does not compile shows the place', async ({ checkout, expect }) => {
    checkout.write(ENTRY, 'const = 3\n')
    const { code, stdout } = await checkout.run('ladder 42 R1')
    expect(stdout).toContain('greeting.ts:1:7: Expected identifier')
    expect(code).toBe(2)
  })
})
