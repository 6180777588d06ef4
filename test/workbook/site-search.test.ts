import MiniSearch from 'minisearch'
import { describe, expect, test } from 'vitest'
import { SEARCH_OPTIONS, type Hit } from '../../workbook/site/search/options.ts'
import { tokensOf } from '../../workbook/site/search/tokens.ts'
import { siteCourse } from './site-course.ts'

const site = siteCourse()

describe('words of the search', () => {
  test.each([
    ['TIME_WAIT', ['time-wait', 'time', 'wait']],
    ['TIME-WAIT', ['time-wait', 'time', 'wait']],
    ['keep-alive', ['keep-alive', 'keep', 'alive']],
    ['HTTP/1.1', ['http', '1-1', '1', '1']],
    ['a “half-close”, then', ['a', 'half-close', 'half', 'close', 'then']],
    ['지속연결을', ['지속', '속연', '연결', '결을']],
    ['연결(connection)은', ['연결', 'connection', '은']],
    ['TCP연결', ['tcp', '연결']],
    ['', []],
  ])('%s', (text, tokens) => expect(tokensOf(text)).toEqual(tokens))
})

test.each([
  ['half-close', '2-closing.html#half-close'],
  ['half close', '2-closing.html#half-close'],
  ['TIME_WAIT', '2-closing.html'],
  ['time-wait', '2-closing.html'],
  ['keep-alive', '2-closing.html'],
  ['afterw', '2-closing.html'],
  ['conection', '2-closing.html'],
])('%s is found', async (typed, place) => {
  expect(placesIn(await site.built('assets/search-en.js'), typed)[0]).toBe(place)
})

test.each(['지속연결', '연결', '지속'])('%s is found in Korean', async (typed) => {
  expect(placesIn(await site.built('assets/search-ko.js'), typed)).toContain('ko/1-greetings.html#지속연결')
})

test('a compound is not found where its parts stand apart', async () => {
  site.course.write('docs/glossary.md', '# Glossary\n\nOnly half of it can close.\n')
  const index = await site.built('assets/search-en.js')
  expect(placesIn(index, 'half-close')).not.toContain('glossary.html')
  expect(placesIn(index, 'half close')).toContain('glossary.html')
})

test('a result shows nothing of what is folded', async () => {
  const index = await site.built('assets/search-en.js')
  const hint = 'When does a server first hear of a client?'
  expect(await site.built('labs/42-greeting/index.html')).toContain(hint)
  expect(hitsIn(index, 'hints').map(({ excerpt }) => excerpt)).not.toContainEqual(
    expect.stringContaining(hint),
  )
})

// --- internal ---

/** As the browser does it: the index is a script that calls a function. */
function hitsIn(script: string, typed: string): Hit[] {
  const [, json = '""'] = /^globalThis\.workbookSearch\((.*)\)\n$/s.exec(script) ?? []
  const search = MiniSearch.loadJSON<Hit & { text: string }>(JSON.parse(json) as string, SEARCH_OPTIONS)
  return search.search(typed) as unknown as Hit[]
}

function placesIn(script: string, typed: string): string[] {
  return hitsIn(script, typed).map(({ place }) => place)
}
