import { expect, test } from 'vitest'
import { CourseError } from '../../workbook/course/course-error.ts'
import { readFigure } from '../../workbook/figure/read-figure.ts'
import { makeFigure, segment } from './figure-fixtures.ts'

/** A record that is not as its format demands says where, what is there and what should be. */

const FILE = 'docs/figures/example.json'
const NEXT = 'Correct the record, or record it again: npm run figures.'

const GOOD = makeFigure({
  unit: 'rtt',
  restarts: [0],
  events: [
    segment('SYN', 0, { type: 'syn', connection: 1 }),
    segment('lost', 1, { arrived: null, count: 3 }),
    { kind: 'silence', lane: 'client', from: 1, to: 3, label: 'nothing comes' },
    { kind: 'state', lane: 'server', from: 1, to: null, label: 'TIME-WAIT' },
    { kind: 'note', lane: null, at: 3, label: 'the end' },
    { kind: 'note', lane: 'client', at: 3, label: 'here' },
  ],
})
const TEXT = `${JSON.stringify(GOOD, null, 2)}\n`

/** The good record with one piece of its text replaced. */
const broken = (from: string, to: string): string => {
  if (!TEXT.includes(from)) throw new Error(`the record does not hold ${from}`)
  return TEXT.replace(from, to)
}

test('a good record is read as it was written', () => {
  expect(readFigure(TEXT, FILE)).toEqual(GOOD)
})

test.each<[string, string, string]>([
  ['no JSON', 'hello', ':1: expected a value, found "hello"'],
  ['an empty file', '', ':1: expected a value, found nothing'],
  ['a comma too many', broken('"on": ""', '"on": "",'), ':19: expected a name in quotes, found "},"'],
  [
    'a name without a value',
    broken('"title": ', '"title" '),
    ':3: expected ":" after "title", found ""A request and its answer","',
  ],
  ['a string that does not end', broken('"rtt"', '"rtt'), ':20: expected a string of JSON, found ""rtt,"'],
  ['something behind the end', `${TEXT}{}`, ':73: expected the end of the file, found "{}"'],
  [
    'a name twice',
    broken('"unit": "rtt"', '"unit": "rtt",\n  "unit": "ms"'),
    ':21: expected each name once, found "unit" again',
  ],
  ['a list in place of an object', '[]', ':1: expected the record of a figure, found a list'],
  ['another format', broken('"format": 1', '"format": 2'), ':2: expected "format" to be 1, found 2'],
  [
    'no title',
    broken('"title": "A request and its answer"', '"title": " "'),
    ':3: expected "title" to be a text that is not empty, found an empty text',
  ],
  [
    'a missing member',
    broken('  "unit": "rtt",\n', ''),
    ':1: expected "unit" in the record of a figure: one of ms, rtt, order, found none',
  ],
  [
    'an unknown member',
    broken('"unit": "rtt"', '"unit": "rtt",\n  "scale": 2'),
    ':21: expected in the record of a figure only format, title, description, lanes, source, unit, restarts, events, found "scale"',
  ],
  [
    'an unknown unit',
    broken('"rtt"', '"seconds"'),
    ':20: expected "unit" to be one of ms, rtt, order, found "seconds"',
  ],
  [
    'an unknown source',
    broken('"computed"', '"invented"'),
    ':16: expected "how" to be one of recorded, captured, computed, found "invented"',
  ],
  [
    'no command',
    broken('"npm run figures -- example"', '7'),
    ':17: expected "command" to be a text that is not empty, found 7',
  ],
  [
    'a lane twice',
    broken('"id": "server"', '"id": "client"'),
    ':11: expected "id" to be an id of its own, found "client" again',
  ],
  [
    'a restart that is no number',
    broken('"restarts": [\n    0', '"restarts": [\n    "0"'),
    ':70: expected a number in "restarts", found "0"',
  ],
  [
    'an unknown kind',
    broken('"kind": "silence"', '"kind": "pause"'),
    ':43: expected "kind" to be one of segment, silence, state, note, found "pause"',
  ],
  [
    'an unknown lane',
    broken('"lane": "server"', '"lane": "sever"'),
    ':51: expected "lane" to be a lane of the record (client, server), found "sever"; "server"?',
  ],
  [
    'an unknown type',
    broken('"type": "syn"', '"type": "SYN"'),
    ':29: expected "type" to be one of syn, data, ack, fin, rst, found "SYN"',
  ],
  [
    'a segment to its own lane',
    broken('"to": "server"', '"to": "client"'),
    ':25: expected "to" to be another lane than "from", found "client"',
  ],
  [
    'arrived before it was sent',
    broken('"arrived": 1', '"arrived": -1'),
    ':27: expected "arrived" to be 0 or later, as "sent" is 0, found -1',
  ],
  [
    'a silence that ends before it begins',
    broken('"to": 3', '"to": 0.5'),
    ':46: expected "to" to be 1 or later, as "from" is 1, found 0.5',
  ],
  [
    'a time that is no number',
    broken('"sent": 0', '"sent": "now"'),
    ':26: expected "sent" to be a number, found "now"',
  ],
  [
    'a label that is missing',
    broken('      "label": "TIME-WAIT"\n', '      "text": "TIME-WAIT"\n'),
    ':49: expected "label" in an event: a text, found none',
  ],
  [
    'a connection that is no number from 1',
    broken('"connection": 1', '"connection": 0'),
    ':30: expected "connection" to be a whole number from 1, found 0',
  ],
  [
    'a sheaf of one',
    broken('"count": 3', '"count": 1'),
    ':40: expected "count" to be a whole number from 2, found 1',
  ],
  [
    'no event',
    `${TEXT.slice(0, TEXT.indexOf('"events"'))}"events": []\n}\n`,
    ':21: expected "events" to be at least one event, found an empty list',
  ],
  [
    'no lane',
    JSON.stringify({ ...GOOD, lanes: [] }),
    ':1: expected "lanes" to be at least one lane, found an empty list',
  ],
])('%s is told with its line', (_, text, said) => {
  const error = errorOf(() => readFigure(text, FILE))
  expect(error.message).toBe(`${FILE}${said}. ${NEXT}`)
  expect(error.code).toBe('E_COURSE_FIGURE')
})

function errorOf(read: () => unknown): CourseError {
  try {
    read()
  } catch (error) {
    if (error instanceof CourseError) return error
    throw error
  }
  throw new Error('the record was read')
}
