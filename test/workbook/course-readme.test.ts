import { describe, expect, test } from 'vitest'
import { readLab } from '../../workbook/course/readme.ts'
import { faultOf, PREDICTIONS, README, temporaryRoot } from './course-fixtures.ts'

const root = temporaryRoot()

describe('readLab', () => {
  test('reads facts, requirements, hints, weights and predictions from the page', () => {
    root.write('labs/12-in-order/README.md', README)
    root.write('labs/12-in-order/predictions.md', PREDICTIONS)
    expect(readLab(root.path, '12-in-order')).toEqual({
      id: '12-in-order',
      number: '12',
      title: 'Answers in order',
      entry: 'in-order.ts',
      exports: ['serve', 'Client'],
      covers: ['6.01', 'A.10'],
      rfc: ['RFC 9112 §9.3.2', 'RFC 9112 App. C.2.2', 'RFC 9293'],
      needs: ['01'],
      minutes: 45,
      core: false,
      modules: [],
      read: 'docs/6-pipelined.md',
      requirements: [
        {
          id: 'R1',
          text: 'The server answers GET at once, and in order.',
          weight: 1,
          section: null,
          hints: ['What is an order?', 'Keep the answers in a list.'],
          line: 25,
        },
        {
          id: 'R2',
          text: 'A reset harms nobody: a < b & 5 * 3. Not even the next client.',
          weight: 2.5,
          section: null,
          hints: ['Who hears of a reset?'],
          line: 27,
        },
      ],
      predictions: [
        {
          id: 'P1',
          question: 'Who closes first after close?',
          choices: [
            { id: 'a', text: 'your client', ticked: false },
            { id: 'b', text: 'the server', ticked: false },
          ],
        },
        {
          id: 'P2',
          question: 'How many connections?',
          choices: [
            { id: 'a', text: 'one', ticked: false },
            { id: 'b', text: 'two', ticked: false },
            { id: 'c', text: 'three', ticked: false },
          ],
        },
      ],
    })
  })

  test('reads the section that explains a requirement, of the page to read or of another', () => {
    const sections = `sections: { R1: 'Any time, by anyone', R2: 'docs/7-closing.md: RST: the end' }\n---\n\n# Lab`
    root.write('labs/12-in-order/README.md', README.replace('---\n\n# Lab', sections))
    const { requirements } = readLab(root.path, '12-in-order')
    expect(requirements.map(({ section }) => section)).toEqual([
      { page: 'docs/6-pipelined.md', heading: 'Any time, by anyone' },
      { page: 'docs/7-closing.md', heading: 'RST: the end' },
    ])
  })

  test('needs neither the learner’s file, nor predictions, nor weights, nor a page to read', () => {
    root.write(
      'labs/12-in-order/README.md',
      README.replace(/read: .*/, 'read: null').replace(/weights: .*\n/, ''),
    )
    const lab = readLab(root.path, '12-in-order')
    expect(lab.read).toBe(null)
    expect(lab.predictions).toEqual([])
    expect(lab.requirements.map(({ weight, line }) => [weight, line])).toEqual([
      [1, 24],
      [1, 26],
    ])
  })

  test('passes over headings and lists in a quotation', () => {
    root.write('labs/12-in-order/README.md', README)
    const plain = readLab(root.path, '12-in-order')
    root.write(
      'labs/12-in-order/README.md',
      README.replace('</details>', '</details>\n\n> ## Hints\n>\n> - one'),
    )
    expect(readLab(root.path, '12-in-order')).toEqual(plain)
  })

  test('reads a page with a byte order mark and Windows line ends as any other', () => {
    root.write('labs/12-in-order/README.md', README)
    const plain = readLab(root.path, '12-in-order')
    root.write('labs/12-in-order/README.md', `\uFEFF${README.replaceAll('\n', '\r\n')}`)
    expect(readLab(root.path, '12-in-order')).toEqual(plain)
  })
})

describe('a malformed page', () => {
  const table: [claim: string, from: string | RegExp, to: string, code: string, text: string][] = [
    [
      'is empty',
      /[^]*/,
      '',
      'E_COURSE_FRONT_MATTER',
      '1: expected front matter that begins with `---`, found an empty file. Begin the page with this line.',
    ],
    [
      'has no h1',
      '# Lab 12: Answers in order\n',
      '',
      'E_COURSE_TITLE',
      '42: expected the heading "# Lab 12: Answers in order", found no heading of the first level. Folder, front matter and heading must agree.',
    ],
    [
      'has another number in its h1',
      '# Lab 12',
      '# Lab 11',
      'E_COURSE_TITLE',
      '13: expected the heading "# Lab 12: Answers in order", found "# Lab 11: Answers in order". Folder, front matter and heading must agree.',
    ],
    [
      'has another title in its h1',
      'Lab 12: Answers in order',
      'Lab 12: Answers',
      'E_COURSE_TITLE',
      '13: expected the heading "# Lab 12: Answers in order", found "# Lab 12: Answers". Folder, front matter and heading must agree.',
    ],
    [
      'has no requirements section',
      '## Requirements\n\nRead',
      '### Requirements\n\nRead',
      'E_COURSE_SECTION',
      '43: expected one heading "## Requirements", found none in the page. Add the section.',
    ],
    [
      'has two requirements sections',
      '## Sources',
      '## Requirements',
      'E_COURSE_SECTION',
      '41: expected one heading "## Requirements", found a second one. Join the two sections.',
    ],
    [
      'has no hints section',
      '## Hints',
      '## Hint',
      'E_COURSE_SECTION',
      '43: expected one heading "## Hints", found none in the page. Add the section.',
    ],
    [
      'has no requirement',
      /- \*\*R1\*\* The[^]*next client\.\n/,
      '',
      'E_COURSE_REQUIREMENT',
      '21: expected requirements under this heading, found none. Write each as a list item: - **R1** One sentence.',
    ],
    [
      'begins with R2',
      '- **R1** The',
      '- **R2** The',
      'E_COURSE_REQUIREMENT',
      '25: expected R1, found R2. Number them R1, R2, … in order, without gaps.',
    ],
    [
      'leaves a gap',
      '- **R2** A reset',
      '- **R3** A reset',
      'E_COURSE_REQUIREMENT',
      '27: expected R2, found R3. Number them R1, R2, … in order, without gaps.',
    ],
    [
      'has a requirement twice',
      '- **R2** A reset',
      '- **R1** A reset',
      'E_COURSE_REQUIREMENT',
      '27: expected R2, found R1 again, after line 25. Number them R1, R2, … in order, without gaps.',
    ],
    [
      'has an item without an id',
      '- **R2** A reset',
      '- R2 A reset',
      'E_COURSE_REQUIREMENT',
      '27: expected an item such as `- **R1** One sentence.`, found "- R2 A reset harms *nobody*: `a < b` &amp; 5 \\* 3.". Put the id of the requirement in front, in bold.',
    ],
    [
      'has an item with a colon in its id',
      '- **R2** A reset',
      '- **R2:** A reset',
      'E_COURSE_REQUIREMENT',
      '27: expected an item such as `- **R1** One sentence.`, found "- **R2:** A reset harms *nobody*: `a < b` &amp; 5 \\* 3.". Put the id of the requirement in front, in bold.',
    ],
    [
      'has an item that runs into its id',
      '- **R2** Who',
      '- **R2**Who',
      'E_COURSE_HINT',
      '36: expected an item such as `- **R1** One sentence.`, found "- **R2**Who hears of a reset?". Put the id of the requirement in front, in bold.',
    ],
    [
      'has an empty item',
      '- **R2** A reset',
      '-\n- **R2** A reset',
      'E_COURSE_REQUIREMENT',
      '27: expected an item such as `- **R1** One sentence.`, found an item without text. Put the id of the requirement in front, in bold.',
    ],
    [
      'has a requirement without text',
      /- \*\*R2\*\* A reset.*\n\n.*\n/,
      '- **R2** \n',
      'E_COURSE_REQUIREMENT',
      '27: expected a sentence after **R2**, found nothing. Write what the learner should read.',
    ],
    [
      'has code in a requirement',
      '  Not even the next',
      '  ```\n  GET / HTTP/1.1\n  ```\n\n  Not even the next',
      'E_COURSE_REQUIREMENT',
      '29: expected only sentences in the item of R2, found a block of code. Move it out of the list: reports print an item as one text.',
    ],
    [
      'has a list in a requirement',
      '  Not even the next',
      '  - Not even the next',
      'E_COURSE_REQUIREMENT',
      '29: expected only sentences in the item of R2, found a list. Move it out of the list: reports print an item as one text.',
    ],
    [
      'has a hint for an unknown requirement',
      '- **R2** Who',
      '- **R3** Who',
      'E_COURSE_HINT',
      '36: expected a hint for one of R1, R2, found a hint for R3. Correct the id.',
    ],
    [
      'has a requirement with no hint',
      '- **R2** Who',
      '- **R1** Who',
      'E_COURSE_HINT',
      '27: expected a hint for R2, found none. Add under "## Hints": - **R2** One sentence.',
    ],
    [
      'has a hint without text',
      '- **R2** Who hears of a reset?',
      '- **R2**',
      'E_COURSE_HINT',
      '36: expected a sentence after **R2**, found nothing. Write what the learner should read.',
    ],
    [
      'has hints that its HTML swallows',
      '</summary>\n\n',
      '</summary>\n',
      'E_COURSE_HINT',
      '33: expected a blank line between the HTML and the list, found the list inside the HTML. Put blank lines around the list, or it is not shown as one.',
    ],
  ]
  test.each(table)('that %s is an error', (_claim, from, to, code, text) => {
    root.write('labs/12-in-order/README.md', README.replace(from, to))
    const expected = `${code} labs/12-in-order/README.md:${text}`
    expect(faultOf(() => readLab(root.path, '12-in-order'))).toBe(expected)
  })
})
