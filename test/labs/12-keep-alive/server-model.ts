import { blame, judgeAnswer, lastAt, mayBeRefused, mayEndInstead } from './server-answers.ts'
import { IN_THE_BODY, nameOf, type Ask } from './server-asks.ts'
import type { Broken, Handled, Line, Seen, SeenClient, State } from './server-state.ts'

/**
 * What a server of lab 12 has promised, as a function of what its clients, its handler and the clock have done.
 * It knows nothing of sockets: whoever holds a conversation tells each act, looks what has come, and asks.
 */

/** The promise that has not been kept by now, or null. */
export function judge(state: State, seen: Seen): Broken | null {
  const lines = state.lines.map(
    (line, index) => () => judgeLine(state, line, seen.clients[index] as SeenClient),
  )
  for (const look of [() => judgeHandled(state, seen.handled), ...lines, () => judgeClose(state, seen)]) {
    const broken = look()
    if (broken) return broken
  }
  return null
}

// --- internal ---

function judgeHandled(state: State, handled: readonly Handled[]): Broken | null {
  const all = state.lines.flatMap(({ asked }) => asked)
  for (const call of handled) {
    const ask = all.find(({ target }) => target === call.target)
    const broken = ask ? (behindTheLast(state, ask) ?? unlike(call, ask)) : unasked(state, call)
    if (broken) return broken
    if (handled.filter(({ target }) => target === call.target).length > 1)
      return { requirement: 'R1', expected: `one call of the handler for ${call.target}`, saw: 'two' }
  }
  return state.lines.map((line) => unhandled(state, line, handled)).find((broken) => broken !== null) ?? null
}

function behindTheLast(state: State, ask: Ask): Broken | null {
  const { asked = [] } = state.lines.find((line) => line.asked.includes(ask)) ?? {}
  for (const [index, before] of asked.slice(0, asked.indexOf(ask)).entries()) {
    const last = lastAt(state, before, index + 1)
    const expected = `nothing handled behind ${nameOf(before)}: ${last?.expected}`
    if (last) return { requirement: last.requirement, expected, saw: `${nameOf(ask)}, handled` }
  }
  return null
}

/** The first request that waits has to be with the handler. */
function unhandled(
  state: State,
  { isGone, isPaused, over, waiting: [first] }: Line,
  handled: readonly Handled[],
): Broken | null {
  if (isGone || isPaused || over || !first || first.handler === 'is not called') return null
  if (mayBeRefused(first) || handled.some(({ target }) => target === first.target)) return null
  const expected = `a call of the handler for ${nameOf(first)}`
  return { requirement: blame(state, first), expected, saw: 'none' }
}

/** A call for something that is no whole request, or stands behind the last one. */
function unasked(state: State, { method, target }: Handled): Broken {
  const saw = `${method} ${target}, handled`
  if (target === IN_THE_BODY) return { requirement: 'R8', expected: 'no request made of a body', saw }
  const parts = state.lines.flatMap(({ part }) => part ?? [])
  const partly = parts.find((part) => part.target === target)
  if (partly) {
    const requirement = partly.framing === 'none' ? 'R1' : 'R8'
    return { requirement, expected: `no call of the handler: ${target} is not whole`, saw }
  }
  const line = state.lines.find(({ over }) => over !== null)
  const requirement = line?.over?.requirement ?? 'R2'
  return { requirement, expected: 'nothing handled behind the last request', saw }
}

function judgeLine(state: State, line: Line, seen: SeenClient): Broken | null {
  if (line.isGone || line.isPaused) return null
  for (let ask = due(state, line); ask && !line.over; ask = due(state, line)) {
    const answer = seen.answers[line.answered]
    if (!answer && mayEndInstead(ask, state.results.get(ask)) && seen.ended !== 'open') return release(line)
    if (!answer) return missing(state, line, ask, seen)
    const broken = judgeAnswer(state, line, ask, answer)
    if (broken) return broken
    line.waiting.shift()
    line.answered++
    line.lastTook = state.now - line.busyFrom
    line.idleFrom = state.now
    line.busyFrom = state.now
    line.lastVersion = ask.version
    if (ask.handler === 'is not called') return release(line)
  }
  return tooMuch(state, line, seen) ?? judgeEnd(state, line, seen)
}

function release(line: Line): null {
  line.isGone = true
  return null
}

/** The request whose answer has to be there. */
function due(state: State, { waiting: [first] }: Line): Ask | null {
  if (!first) return null
  const isKnown = first.handler === 'is not called' || (state.results.get(first) ?? 'none yet') !== 'none yet'
  return isKnown || mayBeRefused(first) ? first : null
}

function missing(state: State, line: Line, ask: Ask, { rest, ended }: SeenClient): Broken {
  const part = rest > 0 ? `${rest} bytes that are no whole answer` : 'no answer'
  const saw = `${part}; ${ended === 'open' ? `your server is idle, ${line.name} open` : `${ended} on ${line.name}`}`
  return {
    requirement: blame(state, ask, line),
    expected: `the answer to ${nameOf(ask)} on ${line.name}`,
    saw,
  }
}

function tooMuch(state: State, line: Line, { answers, rest }: SeenClient): Broken | null {
  if (answers.length <= line.answered && rest === 0) return null
  const saw = answers.length > line.answered ? 'an answer' : `${rest} bytes`
  if (line.over)
    return {
      requirement: line.over.requirement,
      expected: `nothing behind the last answer on ${line.name}: ${line.over.expected}`,
      saw,
    }
  const [first] = line.waiting
  if (first)
    return {
      requirement: state.now > line.busyFrom ? 'R7' : 'R1',
      expected: `nothing on ${line.name} before the handler has returned for ${nameOf(first)}`,
      saw,
    }
  const part = line.part ? `: ${nameOf(line.part)} is not whole` : ''
  return { requirement: line.part ? 'R8' : 'R1', expected: `no answer on ${line.name}${part}`, saw }
}

function judgeEnd(state: State, line: Line, { ended }: SeenClient): Broken | null {
  if (!line.over) mayEnd(state, line)
  if (line.over) {
    if (ended === 'FIN') line.overAt = Math.min(line.overAt, state.now)
    if (ended === 'FIN') return null
    const saw = ended === 'RST' ? `RST on ${line.name}` : `none: your server is idle, ${line.name} still open`
    return {
      requirement: line.over.requirement,
      expected: `FIN from your server on ${line.name}: ${line.over.expected}`,
      saw,
    }
  }
  if (ended === 'open') return null
  return { ...tooEarly(state, line), saw: `${ended} on ${line.name}` }
}

function mayEnd(state: State, line: Line): void {
  const why = (requirement: string, expected: string): void =>
    void (line.over = { requirement, expected, saw: '' })
  if (line.waiting.length > 0) return
  if (line.hasEnded) return why('R14', 'its client has ended, and nothing is left to answer')
  if (line.part) return
  if (state.isClosing) return why('R13', 'close() was called, and it is idle')
  if (state.now - line.idleFrom >= state.limits.idleMs)
    return why('R6', `it has been idle for ${state.limits.idleMs} ms`)
}

function tooEarly(state: State, line: Line): Omit<Broken, 'saw'> {
  const under = line.waiting[0] ?? line.part
  const expected = (why: string) => `${line.name} open: ${why}`
  if (under && state.isClosing)
    return { requirement: 'R13', expected: expected(`${nameOf(under)} is in progress`) }
  if (under && line.hasEnded)
    return { requirement: 'R14', expected: expected(`${nameOf(under)} has not been answered`) }
  if (under && state.now > line.busyFrom)
    return {
      requirement: 'R7',
      expected: expected(`${nameOf(under)} is in progress, and no idle time runs`),
    }
  if (under)
    return {
      requirement: line.lastVersion === '1.0' ? 'R4' : 'R1',
      expected: expected(`${nameOf(under)} is in progress`),
    }
  if (state.now > line.idleFrom)
    return {
      requirement: 'R6',
      expected: expected(`it has been idle for ${state.now - line.idleFrom} of ${state.limits.idleMs} ms`),
    }
  if (line.lastTook > 0)
    return { requirement: 'R7', expected: expected('idleMs begin with the last byte of its last answer') }
  return {
    requirement: line.lastVersion === '1.0' ? 'R4' : 'R1',
    expected: expected('both sides have kept it'),
  }
}

function judgeClose(state: State, { closes }: Seen): Broken | null {
  const busy = state.lines.find(
    ({ isGone, over, waiting, part }) => !isGone && !over && (waiting.length > 0 || part),
  )
  const isLeft = ({ isGone, over, hasEnded, overAt, isCluttered }: Line) =>
    !isGone && !(over && ((hasEnded && !isCluttered) || state.now - overAt >= state.limits.idleMs))
  for (const [index, settled] of closes.entries()) {
    const call = closes.length > 1 ? `call ${index + 1} of close()` : 'close()'
    if (settled === 'rejected')
      return { requirement: 'R13', expected: `${call} resolved, or pending`, saw: 'it has rejected' }
    if (settled === 'resolved' && busy) {
      const under = busy.waiting[0] ?? busy.part
      return {
        requirement: 'R13',
        expected: `${call} pending: ${under ? nameOf(under) : 'a request'} is in progress on ${busy.name}`,
        saw: 'it has settled already',
      }
    }
    if (settled === 'pending' && !state.lines.some(isLeft))
      return {
        requirement: 'R13',
        expected: `${call} resolved: every connection is gone`,
        saw: 'it is pending',
      }
  }
  return null
}

function unlike(call: Handled, ask: Ask): Broken | null {
  const of = `the handler got for ${nameOf(ask)}`
  const words = ({ method, target, version }: Handled): string => `${method} ${target} in HTTP/${version}`
  if (words(call) !== words(ask))
    return { requirement: 'R1', expected: `${words(ask)}: what ${of}`, saw: words(call) }
  const lines = ({ fields }: Handled): string =>
    fields.map(([name, value]) => `${name}: ${value}`).join(' | ')
  const requirement = ask.framing === 'none' ? 'R1' : 'R8'
  if (lines(call) !== lines(ask))
    return { requirement, expected: `the fields ${of}: ${lines(ask)}`, saw: lines(call) }
  if (call.body.equals(ask.body)) return null
  return {
    requirement,
    expected: `${ask.body.length} bytes: the body ${of}`,
    saw: `${call.body.length} bytes that differ`,
  }
}
