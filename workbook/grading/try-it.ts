import type { RawMessage } from '../wire/http-message.ts'
import type { Call } from './check.ts'

/**
 * How a lab is tried by hand: the default export of `test/labs/NN-name/by-hand.ts`. Each entry has the name
 * by which `npm run try -- NN NAME` takes it; the first is taken where none is named.
 */
export type TryIt = Readonly<Record<string, TryServer | TryClient>>

/** A server of the learner's, to be poked with curl and nc. */
export interface TryServer {
  /** What runs, with the numbers that one has to know: `your server: FIN after 15 s idle`. */
  readonly says: string
  /** An origin behind it, where the server passes requests on. */
  readonly peer?: TryPeer
  /**
   * The export to call and its arguments. Functions among them run beside the suites, as in a check; `clock` is a
   * function `() => number` in the program: milliseconds.
   */
  serve(peer: Address, clock: object, make: TryProgram['make']): Served | Promise<Served>
  /**
   * Lines to copy and what to look for, with PORT for the port. `nc -N` stands for one that sends its FIN at the end of
   * its input: the line is printed as the nc of this machine takes it.
   */
  readonly poke: ReadonlyArray<readonly [line: string, lookFor: string]>
}

type Served = readonly [name: string, ...args: unknown[]]

/** A client of the learner's, against a peer of ours. */
export interface TryClient {
  readonly says: string
  readonly peer: TryPeer
  /** What it does; `say` prints a line beside the wire. */
  run(program: TryProgram, peer: Address, say: (line: string) => void): Promise<void>
}

export type TryPeer = PeerPlace &
  (
    | {
        /** Whole requests; the connection ends as they ask (RFC 9112 §9.3). */
        readonly reads: 'http'
        answer(request: RawMessage): string
      }
    | {
        /** Bytes as they come, as Latin-1; FIN is answered by FIN. */
        readonly reads: 'bytes'
        answer(bytes: string): string
      }
  )

interface PeerPlace {
  /** Name of its lane in the ladder. */
  readonly name: string
  /** The name by which the program looks it up, and the port that it then asks for. */
  readonly at?: Address
}

export interface Address {
  readonly host: string
  readonly port: number
}

/** The learner's program, in a process of its own and in real time. */
export interface TryProgram {
  call<T = unknown>(name: string, ...args: readonly unknown[]): Call<T>
  construct<T = unknown>(name: string, ...args: readonly unknown[]): Call<T>
  /** Calls an export of the lab's fixture.ts, which makes what has to answer at once beside the program. */
  make<T = unknown>(name: string, ...args: readonly unknown[]): Call<T>
  /** Passed as an argument, it is a function `() => number` in the program: milliseconds. */
  readonly clock: object
}

/** What a handler answers: it says what it was asked, so that one sees at a glance what belongs to what. */
export function echoAnswer({ method, target }: { readonly method: string; readonly target: string }) {
  const body = Buffer.from(`${method} ${target}\n`)
  const headers = [['Content-Type', 'text/plain']] as const
  return { version: '1.1', status: 200, reason: 'OK', headers, body } as const
}

/** The bytes of a response of a peer's. */
export function textResponse(words: string, fields: Readonly<Record<string, string>> = {}): string {
  const head = Object.entries({ 'Content-Type': 'text/plain', ...fields }).map((pair) => pair.join(': '))
  const body = `${words}\n`
  return ['HTTP/1.1 200 OK', ...head, `Content-Length: ${Buffer.byteLength(body)}`, '', body].join('\r\n')
}
