import { nearest } from '../course/nearest.ts'
import { Fields } from './fields.ts'
import type { FigureEvent, NoteEvent, SegmentEvent, SilenceEvent, StateEvent } from './figure.ts'
import type { Placed } from './json-lines.ts'

/** Reads one event of a record. @param lanes - The ids that it may name. */
export function readEvent(placed: Placed, file: string, lanes: readonly string[]): FigureEvent {
  const fields = new Fields(placed, file, 'an event')
  const kind = fields.oneOf('kind', ['segment', 'silence', 'state', 'note'])
  const event = READERS[kind](new Event(fields, lanes))
  fields.end()
  return event
}

// --- internal ---

const READERS = { segment: readSegment, silence: readSilence, state: readState, note: readNote }

class Event {
  readonly fields: Fields
  readonly #lanes: readonly string[]

  constructor(fields: Fields, lanes: readonly string[]) {
    this.fields = fields
    this.#lanes = lanes
  }

  lane(name: string): string {
    const id = this.fields.text(name)
    if (this.#lanes.includes(id)) return id
    const [meant = ''] = nearest(id, this.#lanes, 1)
    return this.fields.fail(name, `a lane of the record (${this.#lanes.join(', ')})`, `"${id}"; "${meant}"?`)
  }

  /** Time runs down: what ends or arrives does so after it has begun. */
  notBefore(name: string, time: number | null, begin: string, begun: number): void {
    if (time !== null && time < begun) this.fields.fail(name, `${begun} or later, as "${begin}" is ${begun}`)
  }
}

function readSegment(event: Event): SegmentEvent {
  const { fields } = event
  const [from, to] = [event.lane('from'), event.lane('to')]
  if (from === to) fields.fail('to', `another lane than "from"`)
  const sent = fields.number('sent')
  const arrived = fields.numberOrNull('arrived')
  event.notBefore('arrived', arrived, 'sent', sent)
  const label = fields.text('label')
  const type = fields.oneOf('type', ['syn', 'data', 'ack', 'fin', 'rst'])
  const connection = fields.count('connection', 1)
  const count = fields.count('count', 2)
  return {
    kind: 'segment',
    from,
    to,
    sent,
    arrived,
    label,
    type,
    ...(connection !== undefined && { connection }),
    ...(count !== undefined && { count }),
  }
}

function readSilence(event: Event): SilenceEvent {
  const { fields } = event
  const lane = event.lane('lane')
  const [from, to] = [fields.number('from'), fields.number('to')]
  event.notBefore('to', to, 'from', from)
  return { kind: 'silence', lane, from, to, label: fields.text('label') }
}

function readState(event: Event): StateEvent {
  const { fields } = event
  const lane = event.lane('lane')
  const [from, to] = [fields.number('from'), fields.numberOrNull('to')]
  event.notBefore('to', to, 'from', from)
  return { kind: 'state', lane, from, to, label: fields.text('label') }
}

function readNote(event: Event): NoteEvent {
  const { fields } = event
  const { value } = fields.get('lane', 'a lane or null')
  const lane = value === null ? null : event.lane('lane')
  return { kind: 'note', lane, at: fields.number('at'), label: fields.text('label') }
}
