import { expect, test } from 'vitest'
import {
  allPassed,
  CRASH,
  graded,
  IDLE,
  IDLE_WIRE,
  makeCourse,
  makeLab,
  makePrediction,
  makeResult,
  pass,
  problem,
  see,
  untouched,
} from './report-fixtures.ts'

test('an untouched lab is no wall of text: what to read, to open and to run', () => {
  expect(see(makeCourse(untouched(makeLab({ predictions: [makePrediction('P1', '')] }))))).toBe(`
Lab 42  The lighthouse keeps its connections
labs/42-lighthouse/lighthouse.ts

Nothing is written yet: 5 requirements, about 45 minutes, all in front of you.

seed 1234; npm run grade -- 42 --seed 1234 repeats this run
Lab 42: not started, 0 of 6 points.
read      labs/42-lighthouse/README.md
predict   labs/42-lighthouse/predictions.md    before you write
open      labs/42-lighthouse/lighthouse.ts     look for TODO(R1)
next      npm run grade -- 42 R1
`)
})

test('a failure shows what worked, the wire, what was expected, what was seen, and where to go', () => {
  const result = graded([pass('a')], [pass('b')], [IDLE, CRASH], [problem('c', 'not-started')])
  expect(see(makeCourse(result))).toBe(String.raw`
Lab 42  The lighthouse keeps its connections
labs/42-lighthouse/lighthouse.ts

✓ R1  The server resolves only when it listens.
✓ R2  A connection is kept only when the client asks for it, and the answer …
✗ R3  An idle connection is closed after idleMs, not before.
○ R4  The last answer of a connection says close.
✓ R5  Nothing is answered after close.

✗ R3  An idle connection is closed after idleMs, not before.

      check     an idle connection stays open for idleMs - 1 and is closed at
                idleMs
      worked    your server listens
                the first answer came, whole
                4999 ms later the connection is open

      you                                                                 client
       │◀── SYN ─────────────────────────────────────────────────────────────│
       │◀── GET /1 HTTP/1.1\r\nHost: a\r\n\r\n (28 B) ───────────────────────│
       │    you printed │ GET /1                                             │
       │─── HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello (43 B) ───────▶│
       │    · · idle proven · ·                                              │
       │    ◷ 4999 ms pass (now 4999)                                        │
       │    ◷ 1 ms pass (now 5000)                                           │
       │    · · idle proven: the connection is open · ·                      │
       │  ✗ expected FIN from your server after 5000 ms idle, saw nothing    │

      expected  FIN from your server after 5000 ms idle
      saw       nothing: your server is idle, the connection still open

      1 other check of R3 did not pass either.

      next      npm run hint -- 42 R3      read labs/42-lighthouse/README.md

seed 1234; npm run grade -- 42 --seed 1234 repeats this run
Lab 42: 3 of 5 requirements passed, 3 of 6 points.
next      npm run hint -- 42 R3
`)
})

test('a crash names its cause and the learner’s own frames, and never a frame of the suite', () => {
  const screen = see(makeCourse(graded([pass('a')], [CRASH])))
  expect(screen).toBe(`
Lab 42  The lighthouse keeps its connections
labs/42-lighthouse/lighthouse.ts

✓ R1  The server resolves only when it listens.
✗ R2  A connection is kept only when the client asks for it, and the answer …
✓ R3  An idle connection is closed after idleMs, not before.
✓ R4  The last answer of a connection says close.
✓ R5  Nothing is answered after close.

✗ R2  A connection is kept only when the client asks for it, and the answer says
      so.

      CRASHED: your program ended before the check did.

      check     a request cut in two is answered once

      expected  one answer
      saw       TypeError: Cannot read properties of undefined (reading
                'length')

        12 │ return head.length
           │             ^

      at        lengthOf     labs/42-lighthouse/lighthouse.ts:12:15
                (anonymous)  labs/42-lighthouse/lighthouse.ts:31:5

      next      npm run hint -- 42 R2      read labs/42-lighthouse/README.md

seed 1234; npm run grade -- 42 --seed 1234 repeats this run
Lab 42: 4 of 5 requirements passed, 5 of 6 points.
next      npm run hint -- 42 R2
`)
  expect(screen).not.toContain('Secret')
})

test('a lab that passed gets one warm line and what comes next', () => {
  expect(see(makeCourse(allPassed(makeLab())))).toBe(`
Lab 42  The lighthouse keeps its connections
labs/42-lighthouse/lighthouse.ts

✓ R1  The server resolves only when it listens.
✓ R2  A connection is kept only when the client asks for it, and the answer …
✓ R3  An idle connection is closed after idleMs, not before.
✓ R4  The last answer of a connection says close.
✓ R5  Nothing is answered after close.

seed 1234; npm run grade -- 42 --seed 1234 repeats this run
All 5 requirements passed, 6 of 6 points. Well done: it keeps its promises.
compare   npm run solution -- 42    how the reference does it
labs      npm run list              all of them, and which comes next
`)
})

test('a program that does not compile shows the place, as the compiler says it', () => {
  const message = [
    'labs/42-lighthouse/lighthouse.ts:3:10: Expected ";" but found "port"',
    '',
    '  3 │ const a  port',
    '    ╵          ~~~~',
  ].join('\n')
  const broken = { code: 'E_SYNTAX', message, next: 'Mend line 3, save, then npm run grade -- 42' }
  const result = { ...untouched(makeLab()), requirements: [], problem: broken }
  expect(see(makeCourse(result))).toBe(`
Lab 42  The lighthouse keeps its connections
labs/42-lighthouse/lighthouse.ts

✗ labs/42-lighthouse/lighthouse.ts:3:10: Expected ";" but found "port"

    3 │ const a  port
      ╵          ~~~~

seed 1234; npm run grade -- 42 --seed 1234 repeats this run
Lab 42: does not compile, 0 of 6 points.
next      Mend line 3, save, then npm run grade -- 42
`)
})

test('three failures are shown in full, the others in a line each', () => {
  const checks = ['one', 'two', 'three', 'four', 'five'].map((title) => [
    problem(`check ${title}`, 'failed', { expected: 'a light', saw: 'darkness' }),
  ])
  expect(see(makeCourse(graded(...checks)))).toBe(`
Lab 42  The lighthouse keeps its connections
labs/42-lighthouse/lighthouse.ts

✗ R1  The server resolves only when it listens.
✗ R2  A connection is kept only when the client asks for it, and the answer …
✗ R3  An idle connection is closed after idleMs, not before.
✗ R4  The last answer of a connection says close.
✗ R5  Nothing is answered after close.

✗ R1  The server resolves only when it listens.

      check     check one

      expected  a light
      saw       darkness

      next      npm run hint -- 42 R1      read labs/42-lighthouse/README.md

✗ R2  A connection is kept only when the client asks for it, and the answer says
      so.

      check     check two

      expected  a light
      saw       darkness

      next      npm run hint -- 42 R2      read labs/42-lighthouse/README.md

✗ R3  An idle connection is closed after idleMs, not before.

      check     check three

      expected  a light
      saw       darkness

      next      npm run hint -- 42 R3      read labs/42-lighthouse/README.md

✗ R4  The last answer of a connection says …     npm run grade -- 42 R4 shows it
✗ R5  Nothing is answered after close.           npm run grade -- 42 R5 shows it

seed 1234; npm run grade -- 42 --seed 1234 repeats this run
Lab 42: 0 of 5 requirements passed, 0 of 6 points.
next      npm run hint -- 42 R1
`)
})

test('a broken check is the workbook’s fault, says so, and shows no stack', () => {
  const broken = problem('a check', 'grader-error', {
    saw: 'Error: the lamp is out\n    at test/labs/42-lighthouse.test.ts:9:1',
    detail: ['expect(secret)'],
    wire: IDLE_WIRE,
  })
  const screen = see(makeCourse(graded([broken], [])))
  expect(screen).toBe(`
Lab 42  The lighthouse keeps its connections
labs/42-lighthouse/lighthouse.ts

! R1  The server resolves only when it listens.
! R2  A connection is kept only when the client asks for it, and the answer …
✓ R3  An idle connection is closed after idleMs, not before.
✓ R4  The last answer of a connection says close.
✓ R5  Nothing is answered after close.

! R1  The server resolves only when it listens.

      THE WORKBOOK'S FAULT: the check itself broke, so your code was not judged.

      check     a check
      reason    Error: the lamp is out

      next      npm run grade -- 42 R1    once more
                If it breaks again, send this report, with its seed, to whoever
                gave you the workbook.

! R2  A connection is kept only when the client asks for it, and the answer says
      so.

      THE WORKBOOK'S FAULT: this requirement has no check. It is not yours to
      mend.

      next      Tell whoever gave you the workbook.

seed 1234; npm run grade -- 42 --seed 1234 repeats this run
Lab 42: 3 of 5 requirements passed, 4 of 6 points.
next      npm run grade -- 42    once more
`)
})

test('what was predicted stands beside what the wire showed; what was not predicted stays hidden', () => {
  const predictions = [
    makePrediction('P1', 'b'),
    makePrediction('P2', 'a'),
    makePrediction('P3', ''),
    makePrediction('P4', 'a'),
  ]
  const lab = makeLab({ predictions })
  const why = 'A server that has said close sends its FIN behind the answer.'
  const explained = { P1: why, P2: why, P3: why }
  const seen = pass('a check', { observed: { P1: 'b', P2: 'b', P3: 'b' }, explained })
  const rest = lab.requirements.slice(2).map(() => [pass('a check')])
  expect(see(makeCourse(makeResult(lab, [[seen], [problem('b', 'not-started')], ...rest])))).toBe(`
Lab 42  The lighthouse keeps its connections
labs/42-lighthouse/lighthouse.ts

✓ R1  The server resolves only when it listens.
○ R2  A connection is kept only when the client asks for it, and the answer …
✓ R3  An idle connection is closed after idleMs, not before.
✓ R4  The last answer of a connection says close.
✓ R5  Nothing is answered after close.

Your predictions
✓ P1  Who closes first?
      as you said: the server
≠ P2  Who closes first?
      you said: your client
      your wire showed: the server
      A server that has said close sends its FIN behind the answer.

seed 1234; npm run grade -- 42 --seed 1234 repeats this run
Lab 42: 4 of 5 requirements passed, 5 of 6 points.
open      labs/42-lighthouse/lighthouse.ts    look for TODO(R2)
next      npm run hint -- 42 R2
`)
})

test('one requirement of a lab is reported as one, and repeated as one', () => {
  expect(see(makeCourse(makeResult(makeLab(), [[pass('a')]])))).toBe(`
Lab 42  The lighthouse keeps its connections
labs/42-lighthouse/lighthouse.ts

✓ R1  The server resolves only when it listens.

seed 1234; npm run grade -- 42 R1 --seed 1234 repeats this run
Lab 42: 1 of 1 graded requirement passed, 1 of 1 point.
next      npm run grade -- 42    the whole lab
`)
})
