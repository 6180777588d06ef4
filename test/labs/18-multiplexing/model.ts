import { FRAME, nameOfError } from '../../../labs/kit/http2.ts'
import { endOf, type Broken, type Heard, type Shown } from './peer.ts'

/** What a server of HTTP/2 has to have shown by now, from what its client, its handlers and nobody else have done. */

export interface Line {
  readonly id: number
  readonly name: string
  /** Why no handler may see it: too many were open, or the server was leaving. */
  readonly kept: 'taken' | 'refused' | 'untouched'
  /** The request is there to its end. */
  isWhole: boolean
  /** Reset by the client. */
  isReset: boolean
  /** It was whole before that. */
  wasHandled: boolean
  answer: Answer | null
  /** What may be sent on it still. */
  window: number
  shown: number
  /** DATA of the client, with padding. */
  sent: number
}

export interface Answer {
  readonly fields: ReadonlyArray<readonly [string, string]>
  readonly status: number
  readonly body: Buffer
}

export interface Seen {
  readonly streams: ReadonlyMap<number, Shown>
  /** How often the handler was called, by stream. */
  readonly calls: ReadonlyMap<number, number>
  readonly goaway: { readonly last: number; readonly code: number } | null
  readonly ended: 'open' | 'FIN' | 'RST'
}

const DEFAULT = 65_535

export class ServerModel {
  readonly lines: Line[] = []
  readonly #maxStreams: number
  #window = DEFAULT
  #initial = DEFAULT
  /** Who has sent the last DATA, while others had bytes and a window. */
  #before: Line | null = null
  isLeaving = false
  clientLeft: 'fin' | 'goaway' | null = null

  constructor(maxStreams: number) {
    this.#maxStreams = maxStreams
  }

  opens(id: number, name: string): Line {
    const kept = this.isLeaving ? 'untouched' : this.#taken() >= this.#maxStreams ? 'refused' : 'taken'
    const nothing = { isWhole: false, isReset: false, wasHandled: false, answer: null, shown: 0, sent: 0 }
    const line: Line = { id, name, kept, ...nothing, window: this.#initial }
    this.lines.push(line)
    return line
  }

  resets(line: Line): void {
    if (line.isReset || isDone(line)) return
    line.wasHandled = line.isWhole && line.kept === 'taken'
    line.isReset = true
  }

  grants(line: Line | null, bytes: number): void {
    if (line) line.window += bytes
    else this.#window += bytes
  }

  setsInitial(bytes: number): void {
    for (const line of this.lines) line.window += bytes - this.#initial
    this.#initial = bytes
  }

  /** Frames in the order in which they came, behind the last act. */
  follows(heard: readonly Heard[]): Broken | null {
    let before = this.#before
    this.#before = null
    for (const { type, stream, payload, data } of heard) {
      if (type !== FRAME.DATA && type !== FRAME.HEADERS) continue
      const line = this.lines.find(({ id }) => id === stream)
      if (!line)
        return {
          requirement: 'R4',
          expected: 'frames on streams that the client has opened',
          saw: `one on ${stream}`,
        }
      if (line.isReset)
        return { requirement: 'R10', expected: `nothing more on ${line.name}: it was reset`, saw: 'a frame' }
      if (type === FRAME.HEADERS) continue
      const room = Math.min(line.window, this.#window)
      if (payload.length > 0 && payload.length > room)
        return {
          requirement: 'R6',
          expected: `at most ${Math.max(room, 0)} bytes on ${line.name}: ${line.window} are left in its window, ${this.#window} in the connection's`,
          saw: `DATA of ${payload.length}`,
        }
      const other =
        payload.length > 0 && before === line
          ? this.lines.find((each) => each !== line && this.#hasMore(each))
          : null
      if (other)
        return {
          requirement: 'R7',
          expected: `DATA on ${other.name}: it is its turn`,
          saw: `two in a row on ${line.name}`,
        }
      if (payload.length > 0) before = line
      line.window -= payload.length
      this.#window -= payload.length
      line.shown += data.length
    }
    // Whose turn it is holds on until there is room again.
    if (this.lines.some((each) => each !== before && this.#hasMore(each))) this.#before = before
    return null
  }

  judge(seen: Seen): Broken | null {
    for (const line of this.lines) {
      const broken =
        this.#judgeCalls(line, seen.calls.get(line.id) ?? 0) ??
        this.#judgeLine(line, seen.streams.get(line.id))
      if (broken) return broken
    }
    return this.#judgeEnd(seen)
  }

  // --- internal ---

  /** Places that are not free. */
  #taken(): number {
    return this.lines.filter(
      (line) => line.kept === 'taken' && (line.isReset ? isOrphan(line) : !isDone(line)),
    ).length
  }

  /** Whose promise a server has broken that fails what is good: tables are lost where sections were passed over. */
  #whoseFault(code: number): string {
    if (code === 3) return 'R8'
    if (code === 11) return 'R13'
    if (code === 9 && this.lines.some(({ kept }) => kept === 'refused')) return 'R9'
    return code === 9 && this.lines.some(({ isReset }) => isReset) ? 'R10' : 'R3'
  }

  #hasMore(line: Line): boolean {
    return !line.isReset && line.answer !== null && line.shown < line.answer.body.length && line.window > 0
  }

  #judgeCalls(line: Line, calls: number): Broken | null {
    const { kept, name, isReset, wasHandled, isWhole } = line
    if (kept === 'refused' && calls > 0)
      return {
        requirement: 'R9',
        expected: `no handler for ${name}: ${this.#maxStreams} streams are taken`,
        saw: 'it was called',
      }
    if (kept === 'untouched' && calls > 0)
      return {
        requirement: 'R14',
        expected: `no handler for ${name}: your server is leaving`,
        saw: 'it was called',
      }
    const wanted = kept === 'taken' && (isReset ? wasHandled : isWhole) ? 1 : 0
    if (calls === wanted) return null
    if (wanted === 0)
      return {
        requirement: isReset ? 'R10' : 'R3',
        expected: `no handler for ${name}: its request is not whole`,
        saw: 'it was called',
      }
    if (calls > 1)
      return { requirement: 'R3', expected: `the handler called once for ${name}`, saw: `${calls} calls` }
    const waits = this.lines.some((each) => each !== line && isOrphan(each))
    const requirement = waits ? 'R5' : this.#whoseFault(9)
    const why = waits ? ', though another one is at work' : ''
    return {
      requirement,
      expected: `the handler called for ${name}${why}: its request is whole`,
      saw: 'no call',
    }
  }

  #judgeLine(line: Line, shown: Shown | undefined): Broken | null {
    const { kept, name, answer, isReset } = line
    if (isReset) return null
    if (kept === 'refused')
      return shown?.reset === 7
        ? null
        : {
            requirement: 'R9',
            expected: `RST_STREAM with REFUSED_STREAM on ${name}: ${this.#maxStreams} streams are taken`,
            saw: told(shown),
          }
    if (kept === 'untouched')
      return !shown || shown.sections.length === 0
        ? null
        : { requirement: 'R14', expected: `no answer to ${name}, which came behind your GOAWAY`, saw: 'one' }
    if (shown && shown.reset !== null) {
      // All that a server may hold against a client that is in order is what it does with windows.
      const requirement = shown.reset === 3 ? 'R8' : 'R3'
      return { requirement, expected: `no end of ${name}: nothing is wrong with it`, saw: endOf(shown) }
    }
    if (!answer)
      return !shown || shown.sections.length === 0
        ? null
        : { requirement: 'R4', expected: `no answer to ${name} yet: its handler is at work`, saw: 'one' }
    return this.#judgeAnswer(line, answer, shown)
  }

  #judgeAnswer(line: Line, answer: Answer, shown: Shown | undefined): Broken | null {
    const { name, window } = line
    if (!shown || shown.sections.length === 0) {
      const others = this.lines.some((each) => each !== line && isOrphan(each))
      return {
        requirement: others ? 'R5' : 'R4',
        expected: `the answer to ${name}: its handler is done`,
        saw: told(shown),
      }
    }
    const length = answer.body.length
    if (!answer.body.subarray(0, shown.body.length).equals(shown.body))
      return { requirement: 'R4', expected: `the body of ${name} as the handler gave it`, saw: 'other bytes' }
    if (shown.body.length < length && window > 0 && this.#window > 0)
      return {
        requirement: 'R6',
        expected: `more DATA on ${name}: ${window} bytes are left in its window, ${this.#window} in the connection's`,
        saw: `${shown.body.length} of ${length} bytes, and your server idle`,
      }
    if (shown.ended !== (shown.body.length === length))
      return {
        requirement: 'R4',
        expected: `END_STREAM on ${name} with its last byte`,
        saw: `${endOf(shown)} at ${shown.body.length} of ${length} bytes`,
      }
    return null
  }

  #judgeEnd({ goaway, ended }: Seen): Broken | null {
    const taken = this.lines.filter(({ kept }) => kept === 'taken')
    const wrong = (expected: string, saw: string): Broken => ({ requirement: 'R14', expected, saw })
    if (this.isLeaving) {
      const last = Math.max(0, ...taken.map(({ id }) => id))
      const refused = Math.max(0, ...this.lines.filter(({ kept }) => kept === 'refused').map(({ id }) => id))
      if (!goaway && this.clientLeft === null)
        return wrong('GOAWAY from your server: close() was called', 'none')
      if (goaway && goaway.code !== 0) return wrong('GOAWAY with NO_ERROR', nameOfError(goaway.code))
      if (goaway && (goaway.last < last || goaway.last > Math.max(last, refused)))
        return wrong(`GOAWAY with ${last}, the highest stream that it has taken`, String(goaway.last))
    } else if (goaway && (goaway.code !== 0 || this.clientLeft === null))
      return {
        requirement: this.#whoseFault(goaway.code),
        expected: 'no GOAWAY: nothing is wrong with the connection',
        saw: `GOAWAY with ${nameOfError(goaway.code)}`,
      }
    const open = taken.filter(
      (line) => !line.isReset && !isDone(line) && !(this.clientLeft === 'fin' && !line.isWhole),
    )
    const isLeaving = this.isLeaving || this.clientLeft !== null
    if (isLeaving && open.length === 0) {
      if (ended === 'open' && !taken.some(isOrphan))
        return wrong('FIN from your server: its last stream has ended', 'the connection is open')
    } else if (ended !== 'open')
      return isLeaving
        ? wrong(`the connection open: ${open[0]?.name ?? 'a stream'} is not finished`, ended)
        : { requirement: 'R2', expected: 'the connection open', saw: ended }
    return null
  }
}

// --- internal ---

/** Both sides have ended it. */
function isDone({ isWhole, answer, shown }: Line): boolean {
  return isWhole && answer !== null && shown === answer.body.length
}

/** Its handler is at work. */
function isOrphan({ kept, isReset, isWhole, wasHandled, answer }: Line): boolean {
  return kept === 'taken' && (isReset ? wasHandled : isWhole) && answer === null
}

function told(shown: Shown | undefined): string {
  return shown && (shown.reset !== null || shown.sections.length > 0)
    ? endOf(shown)
    : 'nothing: your server is idle'
}
