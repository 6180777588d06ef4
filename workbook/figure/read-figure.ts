import type { CourseError } from '../course/course-error.ts'
import { Fields, figureError, shown } from './fields.ts'
import type { Figure, FigureSource } from './figure.ts'
import { JsonFault, readJson, type Placed } from './json-lines.ts'
import { readEvent } from './read-event.ts'

/**
 * Reads the record of a figure, strictly: a name that the format does not know is an error as well.
 *
 * @param file - Named in errors; relative to the root, with `/`.
 * @throws CourseError `E_COURSE_FIGURE` with the line at fault.
 */
export function readFigure(text: string, file: string): Figure {
  const fields = new Fields(parse(text, file), file, 'the record of a figure')
  if (fields.number('format') !== 1) fields.fail('format', '1')
  const title = fields.text('title')
  const description = fields.text('description')
  const lanes = readLanes(fields, file)
  const source = readSource(fields.get('source', 'where it comes from'), file)
  const unit = fields.oneOf('unit', ['ms', 'rtt', 'order'])
  const restarts = fields.has('restarts') ? readRestarts(fields, file) : undefined
  const known = lanes.map(({ id }) => id)
  const events = fields.items('events', 'the list of events').map((event) => readEvent(event, file, known))
  if (events.length === 0) fields.fail('events', 'at least one event', 'an empty list')
  fields.end()
  return { format: 1, title, description, lanes, source, unit, ...(restarts && { restarts }), events }
}

// --- internal ---

function parse(text: string, file: string): Placed {
  try {
    return readJson(text)
  } catch (error) {
    if (error instanceof JsonFault) throw atFault(error, file)
    throw error
  }
}

function atFault({ line, expected, found }: JsonFault, file: string): CourseError {
  return figureError(file, line, expected, found)
}

function readLanes(fields: Fields, file: string): Figure['lanes'] {
  const lanes: Array<Figure['lanes'][number]> = []
  for (const placed of fields.items('lanes', 'the list of lanes')) {
    const lane = new Fields(placed, file, 'a lane')
    const id = lane.text('id')
    if (lanes.some((other) => other.id === id)) lane.fail('id', 'an id of its own', `"${id}" again`)
    lanes.push({ id, name: lane.text('name') })
    lane.end()
  }
  if (lanes.length === 0) fields.fail('lanes', 'at least one lane', 'an empty list')
  return lanes
}

function readSource(placed: Placed, file: string): FigureSource {
  const source = new Fields(placed, file, 'the source')
  const how = source.oneOf('how', ['recorded', 'captured', 'computed'])
  const command = source.text('command')
  const on = source.anyText('on')
  source.end()
  return { how, command, on }
}

function readRestarts(fields: Fields, file: string): number[] {
  return fields.items('restarts', 'a list of moments').map((placed) => {
    if (typeof placed.value === 'number') return placed.value
    throw figureError(file, placed.line, 'a number in "restarts"', shown(placed))
  })
}
