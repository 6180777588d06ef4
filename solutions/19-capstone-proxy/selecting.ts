/** What a client gets of something that is there: all of it, a part, or that it has it already (RFC 9110 §13, §14). */
import type { Headers } from '../../labs/kit/http.ts'
import { valueOf } from './reader.ts'

export interface Selected {
  readonly status: 200 | 206 | 304 | 416
  /** The bytes `from` to before `to`. */
  readonly from: number
  readonly to: number
}

/** @param tag - Its validator; `modified` is its Last-Modified. Each null where there is none. */
export function select(
  request: { readonly method: string; readonly headers: Headers },
  {
    length,
    tag,
    modified,
  }: { readonly length: number; readonly tag: string | null; readonly modified: string | null },
): Selected {
  const whole = { status: 200, from: 0, to: length } as const
  const { headers } = request
  if (hasIt(headers, tag, modified)) return { ...whole, status: 304 }
  const range = valueOf(headers, 'range')
  if (range === null || request.method !== 'GET') return whole
  const condition = valueOf(headers, 'if-range')
  // Only a strong validator vouches for bytes (§13.1.5).
  if (condition !== null && (condition !== tag || condition.startsWith('W/'))) return whole
  return selectRange(range, length) ?? whole
}

/** §13.1.2 and §13.1.3: a tag makes a date unimportant. */
function hasIt(headers: Headers, tag: string | null, modified: string | null): boolean {
  const tags = valueOf(headers, 'if-none-match')
  if (tags !== null) {
    const weak = (each: string): string => each.trim().replace(/^W\//, '')
    return tags.trim() === '*' || (tag !== null && tags.split(',').map(weak).includes(weak(tag)))
  }
  const since = valueOf(headers, 'if-modified-since')
  return since !== null && modified !== null && Date.parse(modified) <= Date.parse(since)
}

/** One range alone; what has another form is as if it were not there (§14.2). */
function selectRange(range: string, length: number): Selected | null {
  const [, first = '', last = ''] = /^bytes[ \t]*=[ \t]*(\d*)-(\d*)$/i.exec(range) ?? []
  if (first === '' && last === '') return null
  const from = first === '' ? Math.max(0, length - Number(last)) : Number(first)
  const to = first === '' || last === '' ? length : Math.min(length, Number(last) + 1)
  if (first !== '' && last !== '' && Number(last) < from) return null
  return from < length ? { status: 206, from, to } : { status: 416, from: 0, to: 0 }
}
