import { cpSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach } from 'vitest'
import { root as checkout } from '../../workbook/bundle/root.ts'
import type { Figure } from '../../workbook/figure/figure.ts'
import { SiteError } from '../../workbook/site/problems.ts'
import { Site, type Output } from '../../workbook/site/site.ts'
import { GREETING_LAB } from './greeting-lab.ts'

/** A small course with two chapters, a lab, a figure, a demo, and one chapter in a second language. */

const FIGURE: Figure = {
  format: 1,
  title: 'Two hellos & their answers',
  description: 'The client greets, and the server greets back.',
  lanes: [
    { id: 'client', name: 'client' },
    { id: 'server', name: 'server' },
  ],
  source: { how: 'recorded', command: 'npm run figures -- hello', on: 'Linux' },
  unit: 'order',
  events: [
    { kind: 'segment', from: 'client', to: 'server', sent: 0, arrived: 1, label: 'hello', type: 'data' },
    { kind: 'segment', from: 'server', to: 'client', sent: 1, arrived: 2, label: 'hello', type: 'data' },
  ],
}

const DEMO = `// Prints a greeting.
// #region greet
const words = ['hello', 'there']
for (const word of words) {
  console.log(word)
}
// #endregion greet
`

const FIRST = `---
title: Greetings
covers: ['A.4']
rfc: ['RFC 9293 §3.5', 'RFC 9112 App. C.2.2']
---

# Greetings

A greeting has two ends. See [the half-close](2-closing.md#half-close), [the lab](../labs/42-greeting/README.md#r2)
and [its folder](../labs/42-greeting/), [the suites](../test/labs/42-greeting/suite.test.ts), and a note.[^1]

[^1]: A footnote.

> [!PREDICT] Who speaks \`first\`?
>
> Think.
>
> <details><summary>Answer</summary>
>
> The server.
>
> </details>

![Client and server greet each other](figures/hello.svg)

## Try it

> [!TRY]
>
> \`\`\`sh
> npm run demo -- hello
> \`\`\`

\`\`\`ts docs/demos/hello.ts#greet
const words = ['hello', 'there']
for (const word of words) {
  console.log(word)
}
\`\`\`

> [!THEN-AND-NOW] Greetings
>
> | often taught | what holds today | source |
> | --- | --- | --- |
> | The client \\| server speaks. | See [the rules](../labs/kit/README.md#rules-of-every-lab). | RFC 9293 §3.5 |
`

const SECOND = `---
title: Closing
covers: ['7.15']
rfc: ['RFC 9293 §3.6']
---

# Closing

Afterwards the port stays in TIME_WAIT. A kept connection, keep-alive, has no end.

## Half-close

Each end sends its own FIN.

> [!WILD] A box
>
> > [!NOTE]
> >
> > In a box.
`

const KOREAN = `---
title: 인사
covers: ['A.4']
rfc: ['RFC 9293 §3.5']
---

# 인사

**연결(connection)**은 두 끝이 있습니다. [닫기](../2-closing.md)를 보세요.

## 지속연결

서버가 지속연결을 닫습니다.
`

const INVENTORY = `# Inventory

- **A.4** \`accept\` takes a connection. ([lab 42](../labs/42-greeting/README.md))
- **7.15** A graceful close sends its own FIN first. ([lab 42](../labs/42-greeting/README.md))
`

export const ALL_ROWS = `# Then and now

<!-- begin of all rows: npm run docs:sync writes them -->

## Chapter 1: Greetings

| often taught | what holds today | source | page |
| --- | --- | --- | --- |
| The client \\| server speaks. | See [the rules](../labs/kit/README.md#rules-of-every-lab). | RFC 9293 §3.5 | [Chapter 1: Greetings](1-greetings.md#try-it) |

<!-- end of all rows -->
`

const README = 'labs/42-greeting/README.md'

const FILES: Readonly<Record<string, string>> = {
  ...GREETING_LAB,
  [README]: (GREETING_LAB[README] ?? '')
    .replace("needs: ['01']", 'needs: []')
    .replace('read: null', 'read: docs/2-closing.md'),
  'labs/42-greeting/README.ko.md': '# 실습 42: 먼저 말하는 서버\n\n## 요구 사항\n\n- **R1** 인사합니다.\n',
  'labs/kit/README.md': '# The kit\n\n## Rules of every lab\n\nBe kind.\n',
  'docs/1-greetings.md': FIRST,
  'docs/2-closing.md': SECOND,
  'docs/ko/1-greetings.md': KOREAN,
  'docs/inventory.md': INVENTORY,
  'docs/then-and-now.md': ALL_ROWS,
  'package.json': JSON.stringify({ version: '4.2.0', repository: 'github:someone/workbook' }),
  'docs/demos/hello.ts': DEMO,
  'docs/figures/hello.json': JSON.stringify(FIGURE, null, 2),
  'docs/figures/hello.svg': '<svg xmlns="http://www.w3.org/2000/svg"/>',
}

/** The course in a folder of its own; whoever makes it removes it. */
export class SiteCourse {
  readonly root = realpathSync(mkdtempSync(path.join(tmpdir(), 'site-')))

  constructor() {
    for (const [file, text] of Object.entries(FILES)) this.write(file, text)
    cpSync(path.join(checkout, 'package-lock.json'), path.join(this.root, 'package-lock.json'))
  }

  write(file: string, text: string): void {
    mkdirSync(path.dirname(path.join(this.root, file)), { recursive: true })
    writeFileSync(path.join(this.root, file), text)
  }

  read(file: string): string {
    return readFileSync(path.join(this.root, file), 'utf8')
  }

  edit(file: string, from: string, to: string): void {
    const text = this.read(file)
    if (!text.includes(from)) throw new Error(`${file} does not hold ${from}`)
    this.write(
      file,
      text.replaceAll(from, () => to),
    )
  }

  delete(file: string): void {
    rmSync(path.join(this.root, file), { recursive: true })
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true })
  }
}

/** A course that is made anew before each test of the file, and what its pages come to. */
export function siteCourse() {
  let course: SiteCourse
  beforeEach(() => {
    course = new SiteCourse()
  })
  afterEach(() => course.remove())
  return {
    get course() {
      return course
    },
    build: (): Promise<Output> => new Site(course.root).build(),
    /** The text of one built file. */
    async built(file: string): Promise<string> {
      const output = await new Site(course.root).build()
      const content = output.get(file)
      if (!content) throw new Error(`no ${file}, but ${[...output.keys()].join(', ')}`)
      return content()
    },
    problems: () => problemsOf(course.root),
  }
}

/** Everything that stops the build, each as one line. */
async function problemsOf(root: string): Promise<string[]> {
  try {
    await new Site(root).build()
    return []
  } catch (error) {
    if (!(error instanceof SiteError)) throw error
    return error.problems.map(({ code, message }) => `${code} ${message}`)
  }
}
