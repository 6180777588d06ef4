import { describe, expect, test } from 'vitest'
import { isClean, surveyOf, type Survey } from '../../workbook/bench/survey/survey.ts'
import { surveyLines, tableRow } from '../../workbook/bench/survey/words.ts'
import { readCourse } from '../../workbook/course/course.ts'
import type { CheckBody } from '../../workbook/grading/lab.ts'
import { useEngine } from './engine.ts'
import { goodCourse } from './good-course.ts'

/** Surveys of a tiny lab, graded as any other. */

useEngine()
const course = goodCourse()

describe('a survey', () => {
  test('shows what no check sees, takes reasons for what none can see, and tells which are stale', async () => {
    course.write('test/labs/42-greeting/survivors.md', REASONS)
    const told: number[] = []
    const survey = await surveyOfGreeting({ greets, closes }, (done) => void told.push(done))
    expect(survey).toMatchObject({ changes: 9, killed: 6, faults: [], seed: 7 })
    expect(survey.survivors.map(({ line, mutator, after, why }) => ({ line, mutator, after, why }))).toEqual([
      { line: 7, mutator: 'ObjectLiteral', after: expect.stringContaining('createServer({},'), why: WHY },
      {
        line: 7,
        mutator: 'BooleanLiteral',
        after: expect.stringContaining('allowHalfOpen: false'),
        why: WHY,
      },
      {
        line: 10,
        mutator: 'ArrowFunction',
        after: "socket.once('end', () => undefined).resume()",
        why: null,
      },
    ])
    expect(survey.stale).toMatchObject([{ line: 16, before: 'await once(server)' }])
    expect(isClean(survey)).toBe(false)
    expect(told).toHaveLength(9)
    expect(told.at(-1)).toBe(9)
    expect(surveyLines({ ...survey, seconds: 1.4 }).join('\n')).toBe(PRINTED)
    expect(tableRow({ ...survey, seconds: 1.4 }).split(/\s{2,}/)).toEqual([
      '42-greeting',
      '9',
      '6',
      '66.6 %',
      '2',
      '1',
      '1.4',
    ])
  })

  test('is clean where all that survives has its reason', async () => {
    course.write('test/labs/42-greeting/survivors.md', REASONS)
    const survey = await surveyOfGreeting({ greets, closes, ends })
    expect(survey).toMatchObject({ changes: 9, killed: 7, survivors: [{ why: WHY }, { why: WHY }] })
    expect(isClean(survey)).toBe(true)
  })

  test('tells of a check that broke where it should have judged', async () => {
    const survey = await surveyOfGreeting({ trusts, closes, ends })
    expect(survey).toMatchObject({ changes: 9, killed: 7 })
    expect(survey.faults).toMatchObject([
      { requirement: 'R1', title: 'trusts', saw: expect.stringContaining('undefined'), line: 5 },
    ])
    expect(isClean(survey)).toBe(false)
    expect(surveyLines(survey).join('\n')).toContain(
      '! R1 "trusts" broke, and did not judge: Cannot destructure',
    )
  })

  test('is refused where the reference itself fails: every change would seem killed', async () => {
    await expect(surveyOfGreeting({ greets, never })).rejects.toMatchObject({
      message:
        'The reference of lab 42 does not pass R2 "never" (failed): nothing can be said of its changes.',
      next: 'npm run grade -- 42 R2 --solutions --seed 7',
    })
  })
})

// --- internal ---

const greets: CheckBody = async ({ learner, connect, expectBytes }) => {
  const { port } = await learner.serve('serveGreeting', { name: 'ada' })
  const client = await connect(port)
  expectBytes(await client.takeThrough('\r\n'), 'hello from ada\r\n', 'the greeting')
}

const ends: CheckBody = async ({ learner, connect }) => {
  const { port } = await learner.serve('serveGreeting', { name: 'ada' })
  const client = await connect(port)
  await client.takeThrough('\r\n')
  await client.fin()
  await client.sees('FIN')
}

const closes: CheckBody = async ({ learner }) => {
  const server = await learner.serve('serveGreeting', { name: 'ada' })
  await server.close()
  await learner.leavesNothing()
}

/** Takes what the program returns for a server, whatever it is. */
const trusts: CheckBody = async ({ learner, connect }) => {
  const { port } = await learner.call<{ port: number }>('serveGreeting', { name: 'ada' })
  const client = await connect(port)
  await client.takeThrough('\r\n')
}

const never: CheckBody = async ({ fail }) => fail('a greeting', 'nothing of the kind')

const WHY = 'Node then sends the FIN by itself, at the same moment.'
const REASONS = `# What no check can see

\`\`\`diff
@@ serveGreeting
-const server = net.createServer({ allowHalfOpen: true }, (socket) => {
+const server = net.createServer({}, (socket) => {
@@ serveGreeting
-const server = net.createServer({ allowHalfOpen: true }, (socket) => {
+const server = net.createServer({ allowHalfOpen: false }, (socket) => {
\`\`\`

Node then sends the FIN by itself,
at the same moment.

\`\`\`diff
@@ serveGreeting
-await once(server)
+await never(server)
\`\`\`

Nobody writes this any more.
`

const PRINTED = `Small changes of solutions/42-greeting/greeting.ts, seed 7, 1 s

✗ solutions/42-greeting/greeting.ts:10:24  ArrowFunction
    @@ serveGreeting
    -socket.once('end', () => socket.end()).resume()
    +socket.once('end', () => undefined).resume()

✓ solutions/42-greeting/greeting.ts:7:35  ObjectLiteral
    @@ serveGreeting
    -const server = net.createServer({ allowHalfOpen: true }, (socket) => {
    +const server = net.createServer({}, (socket) => {
    ${WHY}

✓ solutions/42-greeting/greeting.ts:7:52  BooleanLiteral
    @@ serveGreeting
    -const server = net.createServer({ allowHalfOpen: true }, (socket) => {
    +const server = net.createServer({ allowHalfOpen: false }, (socket) => {
    ${WHY}

! test/labs/42-greeting/survivors.md:16: this change does not survive; remove it
    @@ serveGreeting
    -await once(server)
    +await never(server)

6 of 9 changes killed, 66.6 %; 2 with a reason; 1 without; 1 stale reason
Kill what survives by a check, make it impossible by a simpler reference, or say in test/labs/42-greeting/survivors.md why no check can see it.`

/** Each check belongs to a requirement of its own. */
async function surveyOfGreeting(
  bodies: Readonly<Record<string, CheckBody>>,
  onChange: (done: number) => void = () => undefined,
): Promise<Survey> {
  const [lab] = readCourse(course.path).labs
  if (!lab) throw new Error('the course has no lab')
  const checks = Object.entries(bodies).map(([title, body], index) => {
    return { lab: lab.id, requirement: `R${index + 1}`, title, body }
  })
  const options = { requirements: [], seed: 7 }
  return await surveyOf(course.path, lab, { id: lab.id, checks }, options, ({ changes }) => onChange(changes))
}
