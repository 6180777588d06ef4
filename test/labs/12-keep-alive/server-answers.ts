import { nameOf, persists, tokensOf, type Ask } from './server-asks.ts'
import type { Answer, Broken, Line, Result, State } from './server-state.ts'

/** What an answer has to be, and what it may say about its connection. */

export function judgeAnswer(state: State, line: Line, ask: Ask, answer: Answer): Broken | null {
  const where = `the answer to ${nameOf(ask)} on ${line.name}`
  const isRefusal = answer.status >= 400 && (mayBeRefused(ask) || mayEndInstead(ask, state.results.get(ask)))
  if (!isRefusal) {
    const broken = unlikeResponse(state, ask, answer, where)
    if (broken) return broken
  }
  return judgeTerms(state, line, ask, answer, where)
}

export function blame(
  state: State,
  ask: Ask,
  line: Line | undefined = state.lines.find(({ waiting }) => waiting.includes(ask)),
): string {
  if (ask.handler === 'is not called' || state.results.get(ask) === 'failure') return 'R15'
  if (line?.hasEnded) return 'R14'
  if (state.isClosing) return 'R13'
  if (line && state.now > line.busyFrom) return 'R7'
  if (ask.framing !== 'none') return 'R8'
  return (line?.lastVersion ?? '1.1') === '1.0' ? 'R4' : 'R1'
}

/** A server may refuse what is framed in a way that cannot be trusted (RFC 9112 §6.1). */
export function mayBeRefused({ framing, version }: Ask): boolean {
  return framing === 'both' || (framing === 'chunks' && version === '1.0')
}

export function mayEndInstead({ handler }: Ask, result: Result | undefined): boolean {
  return handler === 'is not called' || result === 'failure'
}

/** Why a request is the last one of its connection, if it is the one with this number. */
export function lastAt({ limits }: State, ask: Ask, number: number): Broken | null {
  const last = (requirement: string, expected: string): Broken => ({ requirement, expected, saw: '' })
  if (ask.framing === 'both') return last('R8', 'the request had both lengths')
  if (tokensOf(ask.fields).includes('close'))
    return last(ask.version === '1.0' ? 'R4' : 'R2', 'the request said close')
  if (!persists(ask)) return last('R4', 'the request did not ask for it')
  if (number < limits.maxRequests) return null
  return last('R3', `it is answer ${number} of ${limits.maxRequests}`)
}

// --- internal ---

function unlikeResponse(
  state: State,
  ask: Ask,
  { status, fields, body }: Answer,
  where: string,
): Broken | null {
  if (state.results.get(ask) === 'failure' || ask.handler === 'is not called')
    return {
      requirement: 'R15',
      expected: `a status of 400 or more in ${where}, or an end`,
      saw: `${status}`,
    }
  const { response } = ask
  const of = fields.find(([name]) => name.toLowerCase() === 'x-for')?.[1]
  if (of !== undefined && of !== ask.target)
    return {
      requirement: 'R1',
      expected: `${where}: answers keep the order of the requests`,
      saw: `that to ${of}`,
    }
  if (status !== response.status)
    return { requirement: 'R1', expected: `status ${response.status} in ${where}`, saw: `${status}` }
  if (of === undefined)
    return {
      requirement: 'R1',
      expected: `X-For, a field of the handler's response, in ${where}`,
      saw: 'none',
    }
  if (body.equals(response.body)) return null
  const expected = `the ${response.body.length} bytes of the handler's response as the body of ${where}`
  return { requirement: 'R1', expected, saw: `${body.length} bytes that differ` }
}

/** What it says about the connection, and whether that is true. */
function judgeTerms(state: State, line: Line, ask: Ask, answer: Answer, where: string): Broken | null {
  const { close, keepAlive, hint, saw } = termsOf(answer)
  const wrong = (requirement: string, expected: string): Broken => ({ requirement, expected, saw })
  if (hint !== undefined && !keepAlive) {
    const expected = `no Keep-Alive in ${where}: \`Connection: keep-alive\` does not stand beside it`
    return { requirement: 'R5', expected, saw: `Keep-Alive: ${hint}` }
  }
  const last = lastFor(state, line, ask) ?? lastWhileClosing(state, line, ask)
  if (last && keepAlive && !(last.requirement === 'R13' && close))
    return wrong(
      last.requirement === 'R2' ? 'R4' : last.requirement,
      `no \`keep-alive\` in ${where}: ${last.expected}`,
    )
  if (last && !close && ask.version === '1.1')
    return wrong(last.requirement, `\`Connection: close\` in ${where}: ${last.expected}`)
  if (last) return over(state, line, last)
  const isOld = ask.version === '1.0'
  if ((close || (isOld && !keepAlive)) && mayStop(state, line, ask))
    return over(state, line, wrong(blame(state, ask, line), 'its last answer said so'))
  if (close) return wrong(isOld ? 'R4' : 'R1', `no \`close\` in ${where}: the connection is kept`)
  if (isOld && !keepAlive)
    return wrong('R4', `\`Connection: keep-alive\` in ${where}: the request asked for it`)
  return judgeHint(state, line, ask, hint, where)
}

function judgeHint(
  state: State,
  line: Line,
  { version }: Ask,
  hint: string | undefined,
  where: string,
): Broken | null {
  if (hint === undefined && version === '1.1') return null
  const seconds = Math.floor(state.limits.idleMs / 1000)
  const left = state.limits.maxRequests - line.answered - 1
  const number = (name: string) => new RegExp(`\\b${name}\\s*=\\s*"?(\\d+)`, 'i').exec(hint ?? '')?.[1]
  const saw = hint === undefined ? 'no Keep-Alive field' : `Keep-Alive: ${hint}`
  if (number('timeout') !== `${seconds}`)
    return {
      requirement: 'R5',
      expected: `timeout=${seconds} in ${where}: whole seconds of ${state.limits.idleMs} ms`,
      saw,
    }
  if (number('max') === `${left}`) return null
  const expected = `max=${left} in ${where}: it is answer ${line.answered + 1} of ${state.limits.maxRequests} on its connection`
  return { requirement: 'R5', expected, saw }
}

/** Why this request is the last one of its connection. */
function lastFor(state: State, line: Line, ask: Ask): Broken | null {
  return lastAt(state, ask, line.answered + 1)
}

/** The last one that is in progress when the server closes, unless its answer was ready before. */
function lastWhileClosing(state: State, { waiting, part, hasEnded }: Line, ask: Ask): Broken | null {
  if (!state.isClosing || state.early.has(ask) || waiting.length > 1 || (part && !hasEnded)) return null
  return { requirement: 'R13', expected: 'close() was called before it', saw: '' }
}

/** After close(), behind the client's FIN, and after a failure it may be the last. */
function mayStop(state: State, { hasEnded, waiting }: Line, ask: Ask): boolean {
  const failed = state.results.get(ask) === 'failure' || ask.handler === 'is not called'
  return state.isClosing || failed || (hasEnded && waiting.length === 1)
}

function over(state: State, line: Line, why: Broken): null {
  line.over = why
  line.isCluttered ||= line.waiting.length > 1 || line.part !== null
  return null
}

function termsOf({ fields }: Answer) {
  const tokens = tokensOf(fields)
  const values = fields.filter(([name]) => name.toLowerCase() === 'connection').map(([, value]) => value)
  return {
    close: tokens.includes('close'),
    keepAlive: tokens.includes('keep-alive'),
    hint: fields.find(([name]) => name.toLowerCase() === 'keep-alive')?.[1],
    saw: values.length > 0 ? `Connection: ${values.join(', ')}` : 'no Connection field',
  }
}
