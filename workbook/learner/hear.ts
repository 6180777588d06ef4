import type { End } from './end.ts'
import { faultOfCalm, isCount, isName, isText, isTexts } from './hear-shapes.ts'
import type { Answer, Order, PackedError, Reply } from './messages.ts'
import { faultOfValue, isErrorMark } from './hear-value.ts'

/**
 * What comes over the line is a stranger's: the process that sends it holds a program that may have taken it over.
 * Shape, size and count are looked at before anything is done with it.
 */

/** Orders that run the program: what they answer with is a value of its own, and they may fail. */
const OF_THE_PROGRAM: ReadonlySet<Order['op']> = new Set(['load', 'call', 'invoke'])

/**
 * @param asked - The order behind a number; undefined where there is none without an answer.
 * @returns What ends the process, or null.
 */
export function faultOf(message: Reply, asked: (id: number) => Order['op'] | undefined): End | null {
  const fault = 're' in message ? faultOfAnswer(message, asked(message.re)) : faultOfNews(message)
  return fault === null ? null : { kind: 'forbidden', saw: `a message to the grader ${fault}`, stack: '' }
}

/** An order of the grader's own that fails: the program has reached into what answers it. */
export function failsInside({ value }: Answer, op: Order['op'] | undefined): End | null {
  if (op === undefined || OF_THE_PROGRAM.has(op)) return null
  const { error } = value as { error: PackedError }
  const saw = `what the grader asks of its process fails: ${error.name}: ${error.message}`
  return { kind: 'crashed', saw, error: null, stack: error.stack }
}

// --- internal ---

const ODD = 'that no program sends'
const ACTS: ReadonlySet<string> = new Set(['wrote-after-end', 'destroyed'])

function faultOfAnswer({ ok, value }: Answer, op: Order['op'] | undefined): string | null {
  // A program that has served before may have been asked something that nobody waits for any more.
  if (op === undefined) return null
  if (!ok) return isErrorMark(value) ? faultOfValue(value) : ODD
  switch (op) {
    case 'barrier':
      return faultOfCalm(value)
    case 'advance':
      return isCount(value) ? null : ODD
    case 'handle-calls':
    case 'writes':
      return isTexts(value) ? null : ODD
    default:
      return faultOfValue(value)
  }
}

function faultOfNews(message: Exclude<Reply, Answer>): string | null {
  if ('callback' in message) {
    const { callback, fn, args } = message
    return isCount(callback) && isCount(fn) && Array.isArray(args) ? faultOfValue(args) : ODD
  }
  switch (message.event) {
    case 'ready':
      return null
    case 'crash':
      return isText(message.origin) && isErrorMark(message.error) ? faultOfValue(message.error) : ODD
    case 'exit':
      return isText(message.how) && isText(message.stack) ? null : ODD
    case 'forbidden':
      return isText(message.what) && isText(message.stack) ? null : ODD
    case 'lookup':
      return isName(message.host) && isName(message.answer) ? null : ODD
    case 'refused':
      return isName(message.host) && isCount(message.port) ? null : ODD
    case 'socket':
      return ACTS.has(message.did) && [message.local, message.remote, message.queued].every(isCount)
        ? null
        : ODD
    default:
      return ODD
  }
}
