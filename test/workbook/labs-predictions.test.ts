import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { root } from '../../workbook/bundle/root.ts'
import { readCourse } from '../../workbook/course/course.ts'
import type { Prediction } from '../../workbook/course/lab.ts'

/** What the labs ask before the code: that each question is answered by the wire, and explained. */

type Why = Readonly<Record<string, Readonly<Record<string, string>>>>

describe.each(readCourse(root).labs)('lab $number', ({ id, predictions }) => {
  const folder = path.join(root, 'test/labs', id)
  // What stands beside a suite observes, too.
  const files = readdirSync(folder).filter((file) => file.endsWith('.ts'))
  const suite = files.map((file) => readFileSync(path.join(folder, file), 'utf8')).join('\n')

  test('asks two or three questions', () => {
    expect([2, 3]).toContain(predictions.length)
  })

  test('sees the answer to each on the wire', () => {
    for (const prediction of predictions) expect(suite).toContain(`observe('${prediction.id}', `)
  })

  test('explains each in a sentence, for choices that there are', async () => {
    const { WHY: why } = (await import(`../labs/${id}/predictions.ts`)) as { WHY: Why }
    expect(Object.keys(why).sort()).toEqual(predictions.map((each) => each.id))
    for (const prediction of predictions) expectExplained(prediction, why[prediction.id] ?? {})
  })
})

function expectExplained({ choices }: Prediction, sentences: Readonly<Record<string, string>>): void {
  const ids = choices.map((choice) => choice.id)
  expect(Object.keys(sentences).length).toBeGreaterThan(0)
  for (const [choice, sentence] of Object.entries(sentences)) {
    expect(ids).toContain(choice)
    expect(sentence).toMatch(/^[A-Z].*\.$/)
  }
}
