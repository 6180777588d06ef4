import { describe, expect, test } from 'vitest'
import { readPredictions } from '../../workbook/course/predictions.ts'
import { readLab } from '../../workbook/course/readme.ts'
import { faultOf, PREDICTIONS, README, temporaryRoot } from './course-fixtures.ts'

const root = temporaryRoot()

/** The ticks that are read back, as `a` for a choice without and `a*` for one with a tick. */
function ticks(): string[] {
  return readPredictions(root.path, '12-in-order').map(({ choices }) =>
    choices.map(({ id, ticked }) => (ticked ? `${id}*` : id)).join(' '),
  )
}

describe('predictions', () => {
  const harmless: [claim: string, from: string, to: string, ticks: string[]][] = [
    ['one tick', '[ ] a. one', '[x] a. one', ['a b', 'a* b c']],
    ['a capital X', '[ ] b. two', '[X] b. two', ['a b', 'a b* c']],
    ['spaces around the x', '[ ] b. two', '[ x ] b. two', ['a b', 'a b* c']],
    ['no space in the box', '[ ] b. two', '[] b. two', ['a b', 'a b c']],
    ['no space after the box', '[ ] b. two', '[x]b. two', ['a b', 'a b* c']],
    ['no space after the dash', '- [ ] b. two', '-[x] b. two', ['a b', 'a b* c']],
    ['no dash', '- [ ] b. two', '[x] b. two', ['a b', 'a b* c']],
    ['another letter case', '[ ] b. two', '[x] B) two', ['a b', 'a b* c']],
    ['two ticks', '[ ] a. one\n- [ ] b', '[x] a. one\n- [x] b', ['a b', 'a* b* c']],
    [
      'a note',
      '## P2',
      'I am not sure.\nIs it a trick?\n\n- a list [x]\n- [a link](b)\n\n## P2',
      ['a b', 'a b c'],
    ],
    ['a chapter of notes', '## P2', '## My notes\n\n- [x] ask\n\n## P2', ['a b', 'a b c']],
    ['a fence', '## P2', '```\n- [x] b. two\n```\n\n## P2', ['a b', 'a b c']],
  ]
  test.each(harmless)('survive %s', (_claim, from, to, expected) => {
    root.write('labs/12-in-order/predictions.md', PREDICTIONS.replace(from, to))
    expect(ticks()).toEqual(expected)
  })

  test('keep a learner’s notes out of the choices', () => {
    root.write(
      'labs/12-in-order/predictions.md',
      PREDICTIONS.replace('## P2', 'Really?\nI bet on b.\n\n## P2'),
    )
    expect(readPredictions(root.path, '12-in-order')[0]?.choices.map(({ text }) => text)).toEqual([
      'your client',
      'the server',
    ])
  })

  test('are none where the file is missing or empty', () => {
    expect(readPredictions(root.path, '12-in-order')).toEqual([])
    root.write('labs/12-in-order/predictions.md', '\n')
    expect(readPredictions(root.path, '12-in-order')).toEqual([])
  })

  const broken: [claim: string, from: string | RegExp, to: string, text: string][] = [
    [
      'another mark in a box',
      '[ ] b. two',
      '[?] b. two',
      '14: expected a choice such as "- [ ] a. …" or "- [x] a. …", found "- [?] b. two".',
    ],
    [
      'another mark where the space is lost too',
      '- [ ] b. two',
      '-[?] b. two',
      '14: expected a choice such as "- [ ] a. …" or "- [x] a. …", found "-[?] b. two".',
    ],
    [
      'a box that is not closed',
      '[ ] c. three',
      '[x c. three',
      '15: expected a choice such as "- [ ] a. …" or "- [x] a. …", found "- [x c. three".',
    ],
    [
      'no box',
      '[ ] c. three',
      'c. three',
      '15: expected a choice such as "- [ ] a. …" or "- [x] a. …", found "- c. three".',
    ],
    [
      'a choice without a letter',
      '[ ] b. two',
      '[x] two',
      '14: expected a choice such as "- [ ] a. …" or "- [x] a. …", found "- [x] two".',
    ],
    ['a missing choice', '- [ ] a. one\n', '', '13: expected choice a, found choice b.'],
    ['a choice twice', '[ ] c. three', '[ ] b. three', '15: expected choice c, found choice b.'],
    ['a choice without text', 'a. one', 'a.', '13: expected text after choice a, found nothing.'],
    [
      'one choice only',
      /- \[ \] b\. two[^]*/,
      '',
      '11: expected choices such as "- [ ] a. …" under P2, found only one.',
    ],
    [
      'no choices',
      /- \[ \] a\. one[^]*/,
      '',
      '11: expected choices such as "- [ ] a. …" under P2, found none.',
    ],
    [
      'a question without text',
      '## P2 How many connections?',
      '## P2',
      '11: expected a question after P2, found nothing.',
    ],
    ['a missing question', /## P1[^]*(?=## P2)/, '', '5: expected question P1, found P2.'],
    [
      'no questions',
      /## P\d/g,
      '##',
      '1: expected a question such as "## P1 What comes first?", found none.',
    ],
  ]
  test.each(broken)('are refused for %s', (_claim, from, to, text) => {
    root.write('labs/12-in-order/README.md', README)
    root.write('labs/12-in-order/predictions.md', PREDICTIONS.replace(from, to))
    const expected = `E_COURSE_PREDICTION labs/12-in-order/predictions.md:${text}`
    const next = 'Restore the line, or delete the file: predictions are optional.'
    expect(faultOf(() => readPredictions(root.path, '12-in-order'))).toBe(`${expected} ${next}`)
    expect(faultOf(() => readLab(root.path, '12-in-order'))).toBe(`${expected} ${next}`)
  })
})
