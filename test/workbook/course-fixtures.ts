import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach } from 'vitest'
import { CourseError } from '../../workbook/course/course-error.ts'

/** A right README of the lab 12-in-order. */
export const README = `---
title: Answers in order
entry: in-order.ts
exports: [serve, Client]
covers: ['6.01', 'A.10']
rfc: ['RFC 9112 §9.3.2', 'RFC 9112 App. C.2.2', 'RFC 9293']
needs: ['01']
minutes: 45
read: docs/6-pipelined.md
weights: { R2: 2.5 }
---

# Lab 12: Answers in order

\`\`\`md
## Requirements

- **R9** This stands in a fence, so it is no requirement.
\`\`\`

## Requirements

Read them all first.

- **R1** The <b>server</b> answers \`GET\` at **once**, and
  in [order](https://example.com).
- **R2** A reset harms *nobody*: \`a < b\` &amp; 5 \\* 3.

  Not even the next client.

## Hints

<details><summary>Look only when you are stuck.</summary>

- **R1** What is an order?
- **R2** Who hears of a reset?
- **R1** Keep the answers in a list.

</details>

## Sources

- RFC 9112
`

/** Right predictions of the same lab. */
export const PREDICTIONS = `# Predict: answers in order

Tick one box a question.

## P1 Who closes first after \`close\`?

- [ ] a. your client
- [ ] b. the
  server

## P2 How many connections?

- [ ] a. one
- [ ] b. two
- [ ] c. three
`

/** A folder that is made before each test of the file, and removed after it. */
export interface TemporaryRoot {
  readonly path: string
  /** Writes a file, named relative to the root, and the folders above it. */
  write(file: string, content: string | Uint8Array): void
}

export function temporaryRoot(): TemporaryRoot {
  let path = ''
  beforeEach(() => {
    path = mkdtempSync(join(tmpdir(), 'course-'))
  })
  afterEach(() => rmSync(path, { recursive: true }))
  return {
    get path() {
      return path
    },
    write(file, content) {
      mkdirSync(dirname(join(path, file)), { recursive: true })
      writeFileSync(join(path, file), content)
    },
  }
}

export function thrownBy(action: () => unknown): unknown {
  try {
    action()
  } catch (error) {
    return error
  }
  return new Error('nothing was thrown')
}

/** Code and message of the CourseError that the action throws. */
export function faultOf(action: () => unknown): string {
  const error = thrownBy(action)
  return error instanceof CourseError ? `${error.code} ${error.message}` : String(error)
}
