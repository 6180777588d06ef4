import type { Answer, Question } from './cache-state.ts'
import type { Line } from './replies.ts'

/** The rules of RFC 9111 that the page of lab 16 has chosen, each by itself. */

export function valueOf(lines: readonly Line[], wanted: string): string | null {
  const values = lines.filter(([name]) => name.toLowerCase() === wanted).map(([, value]) => value)
  return values.length > 0 ? values.join(', ') : null
}

/** The directives of Cache-Control, read letter by letter: a comma within quotes separates nothing. */
export function saidIn(lines: readonly Line[]): Map<string, string> {
  const said = new Map<string, string>()
  let [text, isQuoted] = ['', false]
  const end = (): void => {
    const [name = '', ...value] = text.trim().split('=')
    if (name !== '') said.set(name.toLowerCase(), value.join('=').replaceAll('"', ''))
    text = ''
  }
  for (const letter of valueOf(lines, 'cache-control') ?? '') {
    if (letter === '"') isQuoted = !isQuoted
    if (letter === ',' && !isQuoted) end()
    else text += letter
  }
  end()
  return said
}

/** Whether the cache looks at what is stored at all. */
export function isShown({ method, lines }: Question): boolean {
  return method === 'GET' && lines.every(([name]) => !/^(?:range$|if-)/i.test(name))
}

const dateOf = (text: string | null): number | null => (text?.endsWith(' GMT') ? Date.parse(text) : null)
const secondsOf = (text: string): number => (/^[0-9]+$/.test(text) ? Number(text) * 1000 : 0)

/** Which of them decides, where several are there (RFC 9111 §4.2.1). */
export function lifetimeBy(lines: readonly Line[]): 's-maxage' | 'max-age' | 'Expires' | null {
  const said = saidIn(lines)
  if (said.has('s-maxage')) return 's-maxage'
  if (said.has('max-age')) return 'max-age'
  return valueOf(lines, 'expires') === null ? null : 'Expires'
}

/** In milliseconds; null where the answer says nothing. */
export function lifetimeOf(lines: readonly Line[]): number | null {
  const said = saidIn(lines)
  const given = said.get('s-maxage') ?? said.get('max-age')
  if (given !== undefined) return secondsOf(given)
  const [expires, date] = [valueOf(lines, 'expires'), dateOf(valueOf(lines, 'date'))]
  if (expires === null) return null
  const until = dateOf(expires)
  return until === null || date === null ? 0 : Math.max(0, until - date)
}

export function ageAtComing(lines: readonly Line[], askedAt: number, now: number): number {
  const date = dateOf(valueOf(lines, 'date')) ?? now
  const told = secondsOf(valueOf(lines, 'age') ?? '0')
  return Math.max(0, now - date, told + now - askedAt)
}

export function withDate(lines: readonly Line[], now: number): Line[] {
  return valueOf(lines, 'date') === null ? [...lines, ['Date', new Date(now).toUTCString()]] : [...lines]
}

/** Why an answer is not kept; null where it is. */
export function isKept({ lines: asked }: Question, { status, lines }: Answer): string | null {
  const said = saidIn(lines)
  const isTagged = valueOf(lines, 'etag') !== null || valueOf(lines, 'last-modified') !== null
  const lifetime = lifetimeOf(lines)
  if (status === 206 || status === 304) return `status ${status}`
  if (saidIn(asked).has('no-store')) return 'its request says no-store'
  for (const word of ['no-store', 'private']) if (said.has(word)) return `it says ${word}`
  if ((valueOf(lines, 'vary') ?? '').includes('*')) return 'Vary has *'
  const isOpen = said.has('public') || said.has('s-maxage') || said.has('must-revalidate')
  if (valueOf(asked, 'authorization') !== null && !isOpen) return 'its request has Authorization'
  if (lifetime === null && !isTagged) return 'it says neither how long it is fresh nor which version it is'
  if (lifetime === null && status !== 200) return `status ${status} without a lifetime`
  return null
}
