import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { regionNames, regionOf } from '../../workbook/site/regions.ts'
import { Site } from '../../workbook/site/site.ts'
import { sync, withCodeOf } from '../../workbook/site/sync.ts'
import { ForeignFolderError, writeSite } from '../../workbook/site/write.ts'
import { siteCourse } from './site-course.ts'

const site = siteCourse()

describe('a region', () => {
  const text = [
    'first()',
    '  // #region outer',
    '  outer()',
    '',
    '    // #region inner',
    '    inner()',
    '    // #endregion inner',
    '  // #endregion outer',
  ].join('\n')

  test.each([
    ['outer', 'outer()\n\n  inner()\n'],
    ['inner', 'inner()\n'],
    [null, 'first()\n  outer()\n\n    inner()\n'],
    ['out', null],
  ])('%s', (name, code) => expect(regionOf(text, name)).toBe(code))

  test('has a name', () => expect(regionNames(text)).toEqual(['outer', 'inner']))
})

describe('docs:sync', () => {
  test('changes nothing where every page agrees with its sources', async () => {
    expect(await sync(new Site(site.course.root))).toEqual([])
  })

  test('writes code that has drifted, and nothing around it', async () => {
    const before = site.course.read('docs/1-greetings.md')
    site.course.edit('docs/demos/hello.ts', "['hello', 'there']", "['hello']")
    expect(await site.problems()).toHaveLength(1)
    expect(await sync(new Site(site.course.root))).toEqual(['docs/1-greetings.md'])
    expect(site.course.read('docs/1-greetings.md')).toBe(before.replace("['hello', 'there']", "['hello']"))
    expect(await site.problems()).toEqual([])
  })

  test('writes the rows of all boxes, each with its page', async () => {
    const before = site.course.read('docs/then-and-now.md')
    site.course.write('docs/then-and-now.md', '# Then and now\n')
    expect(await sync(new Site(site.course.root))).toEqual(['docs/then-and-now.md'])
    expect(site.course.read('docs/then-and-now.md')).toBe(before)
    site.course.edit('docs/1-greetings.md', 'server speaks.', 'server speaks first.')
    expect(await sync(new Site(site.course.root))).toEqual(['docs/then-and-now.md'])
    expect(site.course.read('docs/then-and-now.md')).toBe(
      before.replace('server speaks.', 'server speaks first.'),
    )
  })

  test("takes the rows of a lab's table, whose sources stand in its sentences", async () => {
    const table =
      '| often taught | what holds today |\n| --- | --- |\n| Wait. | Close at once (RFC 9293 §3.6). |'
    site.course.edit('labs/42-greeting/README.md', '## Hints\n', `## Then and now\n\n${table}\n\n## Hints\n`)
    await sync(new Site(site.course.root))
    expect(site.course.read('docs/then-and-now.md')).toContain(
      '| Wait. | Close at once (RFC 9293 §3.6). | RFC 9293 §3.6 | [Lab 42: A server that speaks first](../labs/42-greeting/README.md#then-and-now) |\n',
    )
  })

  test('keeps what stands in front of the lines of a list or a box', () => {
    const page = '- item\n\n  ```ts a.ts\n  old\n  older\n  ```\n\n> ```ts a.ts\n> ```\n'
    expect(withCodeOf(page, () => 'one\n\ntwo\n')).toBe(
      '- item\n\n  ```ts a.ts\n  one\n\n  two\n  ```\n\n> ```ts a.ts\n> one\n>\n> two\n> ```\n',
    )
  })
})

describe('the folder of a build', () => {
  test('loses the files of an earlier build that are no more, and no others', async () => {
    const out = path.join(site.course.root, 'out')
    writeSite(await site.build(), out)
    writeFileSync(path.join(out, 'CNAME'), 'example.org\n')
    expect(existsSync(path.join(out, 'ko/1-greetings.html'))).toBe(true)
    site.course.delete('docs/ko')
    site.course.delete('labs/42-greeting/README.ko.md')
    writeSite(await site.build(), out)
    expect(existsSync(path.join(out, 'ko'))).toBe(false)
    expect(existsSync(path.join(out, 'index.html'))).toBe(true)
    expect(readFileSync(path.join(out, 'CNAME'), 'utf8')).toBe('example.org\n')
  })

  test('is never one that holds something else', async () => {
    const out = path.join(site.course.root, 'mine')
    mkdirSync(out)
    writeFileSync(path.join(out, 'thesis.txt'), 'all of it')
    const output = await site.build()
    expect(() => writeSite(output, out)).toThrow(ForeignFolderError)
    expect(existsSync(path.join(out, 'index.html'))).toBe(false)
  })
})
