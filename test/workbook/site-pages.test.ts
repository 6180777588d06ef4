import { describe, expect, test } from 'vitest'
import { Site } from '../../workbook/site/site.ts'
import { ALL_ROWS, siteCourse } from './site-course.ts'

/** What becomes of a page: the fixture course, built. */

const site = siteCourse()
const FIRST = '1-greetings.html'
const LAB = 'labs/42-greeting/index.html'

test('the fixture course has nothing wrong in it', async () => {
  expect(await site.problems()).toEqual([])
})

test('every page, and every file that a page links to, is there', async () => {
  expect([...(await site.build()).keys()].sort()).toEqual([
    '1-greetings.html',
    '2-closing.html',
    '404.html',
    'assets/search-en.js',
    'assets/search-ko.js',
    'assets/site.js',
    'assets/style.css',
    'code/docs/demos/hello.ts.html',
    'code/labs/42-greeting/greeting.ts.html',
    'index.html',
    'inventory.html',
    'ko/1-greetings.html',
    'ko/index.html',
    'ko/labs/42-greeting/index.html',
    'labs/42-greeting/index.html',
    'labs/kit/index.html',
    'then-and-now.html',
  ])
})

test('nothing of a solution, a suite or a wrong program is in the site', async () => {
  const all = [...(await site.build()).values()].map((content) => content()).join('\n')
  expect(all).not.toContain('allowHalfOpen: true')
  expect(all).not.toContain('greetings-come-unasked')
  expect(all).toContain(
    '<span class="elsewhere" title="test/labs/42-greeting/suite.test.ts">the suites</span>',
  )
})

test('a lab stands behind the chapter that it practises', async () => {
  const html = await site.built('2-closing.html')
  expect(html).toContain('<a class="prev" rel="prev" href="1-greetings.html">')
  expect(html).toContain('<a class="next" rel="next" href="labs/42-greeting/index.html">')
  expect(html).toMatch(/<li><a href="2-closing\.html" aria-current="page">.*\n<ul>\n<li><a href="labs\/42-/)
})

test('a lab that no chapter claims stands in a group of its own', async () => {
  site.course.edit('labs/42-greeting/README.md', 'read: docs/2-closing.md', 'read: null')
  const html = await site.built(LAB)
  expect(html).toMatch(/<p class="group">Labs<\/p>\n<ul>\n<li><a href="index\.html" aria-current="page">/)
})

test('a lab says what it takes, and what one learns', async () => {
  const html = await site.built(LAB)
  expect(html).toContain('<dt>Time</dt><dd>about 30 minutes</dd>')
  expect(html).toContain('<dt>Read first</dt><dd><a href="../../2-closing.html">')
  expect(html).toContain('<dt>Needs</dt><dd>no other lab</dd>')
  expect(html).toContain(
    '<a href="../../code/labs/42-greeting/greeting.ts.html"><code>greeting.ts</code></a>',
  )
  expect(html).toContain('https://www.rfc-editor.org/rfc/rfc9293#section-3.6')
  expect(html).toContain('What you practise: 2 items of the inventory')
  expect(html).toContain(
    '<li><a href="../../inventory.html#item-7-15">7.15</a> A graceful close sends its own FIN first.</li>',
  )
})

test('a chapter begins with its number and its text, and what it rests on stands behind it', async () => {
  const html = await site.built(FIRST)
  expect(html).toContain('<p class="eyebrow">Chapter 1</p>\n<h1 id="greetings">Greetings</h1>')
  expect(html).toContain('<title>Chapter 1: Greetings · The socket workbook</title>')
  expect(html.indexOf('A greeting has two ends')).toBeLessThan(html.indexOf('rfc9293#section-3.5'))
})

test('the last line tells the version, and leads to where the page can be mended', async () => {
  const html = await site.built(FIRST)
  expect(html).toContain('The socket workbook 4.2.0')
  expect(html).toContain('href="https://github.com/someone/workbook/edit/HEAD/docs/1-greetings.md"')
  site.course.write('package.json', '{"version":"4.2.0"}')
  expect(await site.built(FIRST)).not.toContain('Edit this page')
})

test('whoever shows a link finds a title and a description', async () => {
  const html = await site.built(FIRST)
  expect(html).toContain('<meta property="og:title" content="Chapter 1: Greetings">')
  expect(html).toMatch(/<meta name="description" content="A greeting has two ends\./)
  expect(html).toContain('<link rel="icon" href="data:image/svg+xml,')
  expect(html).not.toContain('canonical')
})

test('where the address of the site is known, each page has one, and a sitemap names them all', async () => {
  const output = await new Site(site.course.root, { base: 'https://example.org/w/' }).build()
  const text = (file: string): string => output.get(file)?.() ?? ''
  expect(text(LAB)).toContain('<link rel="canonical" href="https://example.org/w/labs/42-greeting/">')
  expect(text('sitemap.xml').match(/<loc>[^<]*<\/loc>/g)).toContain(
    '<loc>https://example.org/w/1-greetings.html</loc>',
  )
  expect(text('404.html')).toContain('<a href="https://example.org/w/">')
})

test('boxes of predictions show what was ticked, and where to tick', async () => {
  site.course.write(
    'labs/42-greeting/predictions.md',
    '# Predict\n\n## P1 Who?\n\n- [x] a. you\n- [ ] b. me\n',
  )
  site.course.edit('labs/42-greeting/README.md', '## Run it', 'See [these](predictions.md).\n\n## Run it')
  const html = await site.built('labs/42-greeting/predictions.html')
  expect(html).toContain('Tick in <code>labs/42-greeting/predictions.md</code>')
  expect(html.match(/class="tick ticked"/g)).toHaveLength(1)
  expect(html.match(/class="tick"/g)).toHaveLength(1)
})

test('requirements can be linked to, and their hints carry no second anchor', async () => {
  const html = await site.built(LAB)
  expect(html.match(/id="r1"/g)).toHaveLength(1)
  expect(html.match(/<a class="anchor" href="#r1" aria-label="Link to “R1”">/g)).toHaveLength(1)
  expect(html.indexOf('id="r1"')).toBeLessThan(html.indexOf('<details><summary>Look only'))
})

test('links to Markdown become links to pages, with the same anchors as on a code host', async () => {
  const html = await site.built(FIRST)
  expect(html).toContain('<a href="2-closing.html#half-close">the half-close</a>')
  expect(html).toContain('<a href="labs/42-greeting/index.html#r2">the lab</a>')
  expect(html).toContain('<a href="labs/42-greeting/index.html">its folder</a>')
})

test("the page of a lab's file shows the starter, never the learner's own text", async () => {
  site.course.write('labs/42-greeting/greeting.ts', 'export const mine = true\n')
  const html = await site.built('code/labs/42-greeting/greeting.ts.html')
  expect(html).toContain('serveGreeting')
  expect(html).not.toContain('mine')
})

describe('a box', () => {
  test('is a note with a title, and what is folded stays folded', async () => {
    const html = await site.built(FIRST)
    expect(html).toContain('<div class="box box-predict" role="note" aria-labelledby="site-box-1">')
    expect(html).toContain(
      '<p class="box-title" id="site-box-1"><span class="box-kind">Predict</span> Who speaks <code>first</code>?</p>',
    )
    expect(html).toContain('<details><summary>Answer</summary>')
    expect(html).not.toContain('[!')
  })

  test('may stand in one other box', async () => {
    const html = await site.built('2-closing.html')
    expect(html).toMatch(/class="box box-wild"[\s\S]*class="box box-note"/)
  })
})

test('a figure is drawn in the page, with its caption and the same as a table', async () => {
  const html = await site.built(FIRST)
  expect(html).toContain('<div class="drawing">')
  expect(html).toMatch(/<svg [^>]*aria-labelledby="figure-1-\S+ figure-1-\S+"/)
  expect(html).toContain('Two hellos &amp; their answers</span>')
  expect(html).toContain('<code>npm run figures -- hello</code>')
  expect(html).toMatch(/<details><summary>The same as a table<\/summary>[\s\S]*<table/)
  expect(html).not.toContain('hello.svg')
})

test('quoted code says where it is from, and its colours are classes with a rule in each theme', async () => {
  const output = await site.build()
  const html = output.get(FIRST)?.() ?? ''
  expect(html).toContain(
    '<figcaption><a href="code/docs/demos/hello.ts.html"><code>docs/demos/hello.ts</code></a>',
  )
  const [colour = '', light, dark] =
    /class="(c-([0-9a-f]{6})-([0-9a-f]{6}))">const/.exec(html)?.slice(0, 4).slice(1) ?? []
  expect(colour).not.toBe('')
  const style = output.get('assets/style.css')?.() ?? ''
  const hex = (code: string | undefined): RegExp =>
    new RegExp(`\\.${colour}[^{]*\\{color:#${code}|\\.${colour}\\b`)
  expect(style).toMatch(hex(light))
  expect(style).toMatch(hex(dark))
})

test('tables and code that may be wide are regions that a keyboard reaches', async () => {
  const html = await site.built(FIRST)
  expect(html).toContain(
    '<div class="table prose" role="region" aria-label="Table 1: often taught, what holds today, source" tabindex="0">',
  )
  expect(html).toContain('tabindex="0" role="group" aria-label="Code 2: docs/demos/hello.ts"')
})

test('without a start page there is a list of all pages', async () => {
  const html = await site.built('index.html')
  expect(html).toContain('<h1 id="the-socket-workbook">The socket workbook</h1>')
  expect(html).toContain('<a href="labs/42-greeting/index.html">Lab 42: A server that speaks first</a>')
})

describe('a second language', () => {
  test('has pages, words and a search of its own, by added files alone', async () => {
    const html = await site.built('ko/1-greetings.html')
    expect(html).toContain('<html lang="ko">')
    expect(html).toContain('본문으로 건너뛰기')
    expect(html).toContain('data-index="../assets/search-ko.js" data-root="../"')
    expect(html).toContain('<a href="../1-greetings.html" hreflang="en" lang="en">English</a>')
    expect(html).toContain('<a href="../2-closing.html">닫기</a>')
  })

  test('sets words in bold before a particle', async () => {
    expect(await site.built('ko/1-greetings.html')).toContain('<strong>연결(connection)</strong>은')
  })

  test('is offered where the page has been translated, and there alone', async () => {
    const korean = 'hreflang="ko" lang="ko">한국어</a>'
    expect(await site.built(FIRST)).toContain(`<a href="ko/1-greetings.html" ${korean}`)
    expect(await site.built('2-closing.html')).not.toContain(korean)
  })

  test("a lab's page has the same anchors and facts", async () => {
    const html = await site.built('ko/labs/42-greeting/index.html')
    expect(html).toContain('<li id="r1">')
    expect(html).toContain('약 30분')
  })
})

test('rows of "Then and now" stand in a table of all, each with its page', async () => {
  const html = await site.built('then-and-now.html')
  expect(ALL_ROWS).toContain('[Chapter 1: Greetings](1-greetings.md#try-it)')
  expect(html).toContain('<td data-header="often taught">The client | server speaks.</td>')
  expect(html).toContain('<a href="1-greetings.html#try-it">Chapter 1: Greetings</a>')
})

test('an empty corner of a table is no header', async () => {
  site.course.edit(
    'docs/2-closing.md',
    '## Half-close\n',
    '| | a |\n| --- | --- |\n| b | c |\n\n## Half-close\n',
  )
  expect(await site.built('2-closing.html')).toContain('<tr>\n<td></td>\n<th scope="col">a</th>\n</tr>')
})
