import type { Check, Connection } from '../../../workbook/grading/check.ts'
import type { ServerShown } from './model.ts'

/** What a client has read so far, cut into answers. */

interface Answered {
  readonly status: number
  readonly body: string
  readonly length: string | null
  readonly closes: boolean
}

/** @param heads - Which of the requests were HEAD, in order. */
function answersIn(received: Buffer, heads: readonly boolean[]): Answered[] {
  const answers: Answered[] = []
  let rest = received.toString('latin1')
  while (rest !== '') {
    const end = rest.indexOf('\r\n\r\n')
    const head = rest.slice(0, end < 0 ? rest.length : end)
    const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1] ?? Number.NaN)
    const length = /^content-length:[ \t]*(\d+)[ \t]*$/im.exec(head)?.[1] ?? null
    const bytes = heads[answers.length] === true ? 0 : Number(length ?? 0)
    rest = end < 0 ? '' : rest.slice(end + 4)
    const closes = /^connection:(?:.*,)?[ \t]*close[ \t]*(?:,.*)?$/im.test(head)
    answers.push({ status, body: rest.slice(0, bytes), length, closes })
    rest = rest.slice(bytes)
  }
  return answers
}

interface Reader {
  readonly id: number
  readonly wire: Connection
  readonly heads: readonly boolean[]
}

/** The answers that are due, in order. */
export function expectAnswersIn(c: Check, { id, wire, heads }: Reader, shown: ServerShown): void {
  const seen = answersIn(wire.received, heads)
  const { answered, refusal } = shown
  const statuses = seen.slice(0, answered).map(({ status }) => status)
  const due = Array.from({ length: answered }, () => 200)
  c.expectEqual(statuses, due, `the first ${answered} answers to client ${id + 1}`)
  for (const [index, { body, length, closes }] of seen.slice(0, answered).entries()) {
    const target = `/${id}-${index}-abcdefghijklmn`
    const isHead = heads[index] === true
    c.expectEqual(body, isHead ? '' : target, `the body of answer ${index + 1} to client ${id + 1}`)
    c.expectEqual(length, `${target.length}`, `Content-Length of answer ${index + 1} to client ${id + 1}`)
    const isFollowed = index < answered - 1 || refusal !== null
    c.expect(!(closes && isFollowed), `no Connection: close in answer ${index + 1}: another follows`, 'close')
  }
}

/** Behind them the refusal, if there is one, and nothing more. */
export function expectRefusalIn(c: Check, { id, wire, heads }: Reader, shown: ServerShown): void {
  const { answered, refusal, mayRefuse, fin } = shown
  const behind = answersIn(wire.received, heads).slice(answered)
  const statuses = behind.map(({ status }) => status)
  const due = refusal === null ? [] : [refusal]
  const further = mayRefuse && fin && statuses.length === 1 ? [400] : []
  c.expectEqual(
    statuses,
    [...due, ...further],
    `what client ${id + 1} has read behind its ${answered} answers`,
  )
  if (refusal !== null) c.expect(behind[0]?.closes === true, `Connection: close in the ${refusal}`, 'none')
}
