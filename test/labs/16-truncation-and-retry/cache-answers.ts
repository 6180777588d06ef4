import type { Check, Connection, HttpMessage } from '../../../workbook/grading/check.ts'
import type { Ask } from './cache-model.ts'
import type { Answer } from './cache-state.ts'
import type { Line } from './replies.ts'
import { expectVia } from './requests.ts'

/** What a client of the cache gets. */

interface Told {
  readonly ask: Ask
  readonly wire: Connection
  readonly name: string
}

export async function expectAnswer(c: Check, { ask, wire, name }: Told, fallback: string): Promise<void> {
  const { method, target } = ask.question
  const requirement = ask.requirement ?? fallback
  const what = `the answer to ${method} ${target} of ${name}`
  const saw = wire.ended === 'open' ? 'nothing: your cache is idle' : `${wire.ended}, and nothing else`
  await c.blame(requirement, () => c.expect(wire.unread.length > 0, `${what}: ${ask.why}`, saw))
  const seen = await c.blame(requirement, () => wire.response({ head: method === 'HEAD', as: what }))
  if (ask.state.is === 'failed')
    await c.blame(requirement, () =>
      c.expect(
        ['502', '504'].includes(seen.words[1]),
        `status 502 or 504 in ${what}: ${ask.why}`,
        seen.words[1],
      ),
    )
  if (ask.state.is === 'answered') await expectContent(c, seen, ask.state, ask, { requirement, what })
  await c.blame('R8', () => {
    c.expect(
      /\bclose\b/i.test(seen.header('connection') ?? ''),
      `Connection: close in ${what}`,
      seen.header('connection') ?? 'none',
    )
    c.expect(wire.unread.length === 0, `nothing behind ${what}`, `${wire.unread.length} bytes more`)
    c.expect(wire.ended === 'FIN', `FIN behind ${what}`, wire.ended)
  })
}

interface About {
  readonly requirement: string
  readonly what: string
}

async function expectContent(
  c: Check,
  seen: HttpMessage,
  { answer, age }: { readonly answer: Answer; readonly age: number | null },
  ask: Ask,
  { requirement, what }: About,
): Promise<void> {
  await c.blame(requirement, () => {
    c.expectEqual(Number(seen.words[1]), answer.status, `the status of ${what}: ${ask.why}`)
    c.expectBytes(seen.body, answer.content, `the body of ${what}: ${ask.why}`)
  })
  await c.blame(requirement === 'R11' ? 'R11' : 'R8', () => expectFields(c, seen, answer.lines, what))
  await c.blame('R10', () =>
    c.expectEqual(valuesOf(seen.headers, 'date'), valuesOf(answer.lines, 'date'), `the Date of ${what}`),
  )
  await c.blame('R8', () => expectLength(c, seen, answer, { method: ask.question.method, what }))
  if (age === null) return
  const ages = seen.headers.filter(([name]) => name.toLowerCase() === 'age').map(([, value]) => value)
  await c.blame('R10', () => c.expectEqual(ages, [String(age)], `the Age of ${what}: ${ask.why}`))
}

/** Where there is no body, there is no length but that of the origin (RFC 9110 §8.6). */
function expectLength(
  c: Check,
  seen: HttpMessage,
  { status, lines }: Answer,
  { method, what }: { readonly method: string; readonly what: string },
): void {
  const length = seen.header('content-length')
  if (length === null || (method !== 'HEAD' && status !== 204 && status !== 304)) return
  const [given = 'none'] = valuesOf(lines, 'content-length')
  c.expectEqual(length, given, `the Content-Length of ${what}, which has no body`)
}

/** Fields by which the hop speaks for itself, or which are told elsewhere. */
const OWN = /^(?:connection|keep-alive|transfer-encoding|content-length|x-hop|upgrade|via|age|date)$/i

function expectFields(c: Check, seen: HttpMessage, due: readonly Line[], what: string): void {
  const names = new Set(due.map(([name]) => name.toLowerCase()).filter((name) => !OWN.test(name)))
  for (const name of names) {
    const values = valuesOf(seen.headers, name)
    c.expectEqual(values, valuesOf(due, name), `the values of ${name} in ${what}`)
  }
  const ofHop = ['x-hop', 'keep-alive', 'upgrade'].filter((name) => seen.header(name) !== null)
  c.expectEqual(ofHop, [], `fields of the hop before, in ${what}`)
  expectVia(c, seen, due, what)
}

const valuesOf = (lines: ReadonlyArray<readonly [string, string]>, wanted: string): string[] =>
  lines.filter(([name]) => name.toLowerCase() === wanted).map(([, value]) => value)
