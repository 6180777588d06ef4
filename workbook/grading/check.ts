import type { DatagramOptions, DatagramPath, DatagramPathOptions, DatagramPeer } from './check-datagrams.ts'
import type { PathFlight } from '../wire/round-trips.ts'
import type { Random } from './random.ts'

export type { DatagramOptions, DatagramPath, DatagramPathOptions, DatagramPeer }

/**
 * What a suite may use. A check reads like its requirement: it drives the learner's program through
 * `learner`, holds the other end of the wire with `listen`, `connect`, `link` or `datagrams`, and says
 * what it expects. Every wait ends with the event, or with the proof that the learner is idle.
 */
export interface Check {
  readonly learner: Learner
  /** Other words, sizes and split points in each run, from the seed that the report prints. */
  readonly random: Random
  /** A server of the grader's on 127.0.0.1, port 0. The learner may connect to it. */
  listen(options?: ListenOptions): Promise<Listener>
  /** A connection of the grader's to a server in the learner's program. */
  connect(port: number, options?: ConnectOptions): Promise<Connection>
  /**
   * Fails the check unless a connection to this port is refused. A connection of the learner's must
   * stand there still: its port is nobody else's as long as it does.
   */
  refused(port: number): Promise<void>
  /**
   * Ports of this machine that nobody else is given before the check is over: the program may connect from them. On
   * Linux one of them may lead to several destinations.
   */
  localPorts(count: number): readonly number[]
  /** A path to a peer of the grader's that keeps logical time and counts round trips. */
  link(options: LinkOptions): Promise<Link>
  /** A UDP socket of the grader's. The learner may send to it, where it is on 127.0.0.1. */
  datagrams(options?: DatagramOptions): Promise<DatagramPeer>
  /**
   * A bad path to a UDP socket of the learner's: it loses, doubles, swaps and damages datagrams, as often as it is told
   * and in an order that is drawn. It carries them while the check waits for something, before any timer runs out.
   */
  datagramPath(to: number, options: DatagramPathOptions): Promise<DatagramPath>
  /** Notes a sentence as a step that worked; the report shows the steps before the failure. */
  step(sentence: string): void
  /** Fails the check unless `holds`. Both sentences are the learner's to read. */
  expect(holds: boolean, expected: string, saw: string): void
  /** Deep equality; a difference is shown as two values. `what` names the thing: `the status`. */
  expectEqual(actual: unknown, expected: unknown, what: string): void
  /** Byte equality; a difference is shown escaped, with a caret under the first differing byte. */
  expectBytes(actual: Uint8Array | string, expected: Uint8Array | string, what: string): void
  /**
   * Ends the check as failed.
   *
   * @param detail - Lines that stand below both, laid out as they are: a table of what came beside what should have.
   */
  fail(expected: string, saw: string, detail?: readonly string[]): never
  /** What fails inside breaks the promise of this requirement, and not of the one that the check tries. */
  blame<T>(requirement: string, body: () => T | Promise<T>): Promise<T>
  /**
   * A fact of this run that a question of predictions.md asks for: `observe('P1', 'b')`.
   *
   * @param why - By choice: a sentence that explains it to whoever predicted something else.
   */
  observe(prediction: string, choice: string, why?: Readonly<Record<string, string>>): void
  /** Notes a figure of this run, as a step that worked; the report shows it where the requirement passed. */
  measure(sentence: string): void
}

/** The learner's program, in a process of its own. */
export interface Learner {
  /**
   * Calls an export, or a static method of one: `Client.connect`. Functions anywhere in `args` become call-backs into the suite. The call is
   * under way at once; awaiting it waits until it settles, or convicts it as hung when the
   * program is proven idle before.
   */
  call<T = unknown>(name: string, ...args: readonly unknown[]): Call<T>
  /** `new` on an exported class; methods of the result are remote: each call returns a Call. */
  construct<T = unknown>(name: string, ...args: readonly unknown[]): Call<T>
  /** Calls an export that starts a server, and proves that it listens on the port it names. */
  serve(name: string, ...args: readonly unknown[]): Promise<RemoteServer>
  /** Calls an export of test/labs/NN-name/fixture.ts, which makes live objects beside the program. */
  make<T = unknown>(name: string, ...args: readonly unknown[]): Call<T>
  /** Waits until the program is proven idle. */
  idle(): Promise<void>
  /** Lets virtual time pass, timer by timer, with the idle proof between. Milliseconds. */
  tick(milliseconds: number): Promise<void>
  /** Stops the program while `body` runs: what happens meanwhile it finds afterwards, all at once. No waits in it. */
  asleep<T>(body: () => Promise<T>): Promise<T>
  /** From here on only `tick` moves virtual time; the first `tick` says so by itself. */
  holdClock(): void
  /** Passed as an argument, it is a function `() => number` in the program: virtual milliseconds. */
  readonly clock: object
  /** Lets connects and datagrams to host and port reach `to`; `refused` answers ECONNREFUSED. IPv6 without brackets. */
  permit(host: string, port: number, to: Listener | Link | DatagramPeer | 'refused'): void
  /**
   * Answers of the name system in this check; any other name is ENOTFOUND. `localhost` is 127.0.0.1
   * where nothing else is said. Of a name whose answer is EAI_AGAIN, the name system cannot say anything now.
   */
  names(answers: Readonly<Record<string, string>>): void
  /** Fails as leaked unless no socket, server or timer of the program is left. */
  leavesNothing(): Promise<void>
  /** Sockets of the program that are open now (neither FIN nor RST sent by it), after an idle proof. */
  openSockets(): Promise<number>
  /** Bytes that its TCP sockets have read from the kernel and not handed back to it, after an idle proof. */
  held(): Promise<number>
  /** Bytes that its TCP sockets have taken from the kernel, and the kernel from them, after an idle proof. */
  passed(): Promise<{ readonly taken: number; readonly left: number }>
  /** What the program's TCP handles were told, below node:net: `setNoDelay(true)`, `setKeepAlive(true, 30)`, `connect(192.0.2.1, 80)`, `writev`, … */
  handleCalls(): Promise<readonly string[]>
  /**
   * Of those, what was said about sending on the connection that ends in this one, in order: `write(20)`, in bytes;
   * `writev(20 in 2)`, in pieces; `setNoDelay(true)`, `shutdown`. The handle counts the bytes itself.
   */
  writesTo(connection: Connection): Promise<readonly string[]>
  /** Fails the check where the program has asked to listen elsewhere than on 127.x: it is led there all the same. */
  staysOnLoopback(): Promise<void>
}

/** A call under way. Awaiting it gives its value, or ends the check when it cannot. */
export interface Call<T> extends PromiseLike<T> {
  /** True once its result has come back. */
  readonly settled: boolean
  /** How it has settled so far, without waiting; null while it is pending. */
  readonly outcome: Outcome<T> | null
  /** Waits for a rejection and returns it; a value, or idleness without either, ends the check. */
  rejects(): Promise<LearnerError>
  /** Proves idleness, then fails the check if the call has settled; `because` says what it has to wait for. */
  staysPending(because?: string): Promise<void>
}

/** How a call has settled. */
export type Outcome<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: LearnerError }

export interface RemoteServer {
  readonly port: number
  close(): Call<void>
}

/** An error thrown by the learner's program, as it crossed the process boundary. */
export interface LearnerError {
  readonly name: string
  readonly message: string
  readonly code?: string
  readonly cause?: unknown
  /** Further own properties, for example `phases`. */
  readonly [property: string]: unknown
}

export interface ListenOptions {
  /** Name of the lane in the ladder; `server` if not given. */
  readonly name?: string
  /** Accepted sockets read nothing until `read()`. */
  readonly paused?: boolean
}

export interface ConnectOptions {
  /** Name of the lane in the ladder; `client` if not given. */
  readonly name?: string
  /** An address of 127.0.0.0/8; 127.0.0.1 if not given. */
  readonly to?: string
  /** The client's own address, and its port: two connections may differ in one of the four. */
  readonly from?: string
  readonly fromPort?: number
  /** Reads nothing, from the first byte on, until `read()`. */
  readonly paused?: boolean
}

export interface Listener {
  readonly port: number
  /** Connections accepted so far. */
  readonly accepted: number
  /** The next connection the learner makes. `as` names it, should it not come: `connection 2, for GET /b`. */
  connection(options?: { readonly as?: string }): Promise<Connection>
  /** Proves idleness, then fails the check if a connection is waiting that `connection()` has not taken. */
  noFurtherConnection(): Promise<void>
}

/** One end of a TCP connection, the grader's, with `allowHalfOpen`: it never answers a FIN by itself. */
export interface Connection {
  readonly localPort: number
  readonly remotePort: number
  /** Bytes received and not yet taken by a reading method. */
  readonly unread: Buffer
  /** All bytes received, ever. */
  readonly received: Buffer
  /** How the learner's side has ended so far. */
  readonly ended: 'open' | 'FIN' | 'RST'
  /** Writes, and returns when the kernel has it all. Never waits for the learner. */
  send(bytes: string | Uint8Array): Promise<void>
  /** One write a part, each only when the learner is proven to have read the one before. */
  sendInParts(parts: ReadonlyArray<string | Uint8Array>): Promise<void>
  /** FIN; the other direction stays open. */
  fin(): Promise<void>
  /** RST. Without `{ now: true }` only after everything sent is proven read: then every Node reports it. */
  reset(options?: { readonly now?: boolean }): Promise<void>
  /** Takes exactly `length` bytes from the stream. */
  take(length: number): Promise<Buffer>
  /** Takes everything up to and with `mark`. */
  takeThrough(mark: string): Promise<Buffer>
  /** Takes everything that comes until the learner's FIN; a RST fails the check. */
  takeToFin(): Promise<Buffer>
  /** Takes one HTTP request: head, and a body by Content-Length or chunked. `as` names it, should it not come. */
  request(options?: { readonly as?: string }): Promise<HttpMessage>
  /** Takes one HTTP response; `{ head: true }` if it answers HEAD; without a length, up to FIN. */
  response(options?: ResponseOptions): Promise<HttpMessage>
  /** Waits for the learner's FIN or RST. */
  sees(end: 'FIN' | 'RST'): Promise<void>
  /** Waits for either. */
  seesEnd(): Promise<'FIN' | 'RST'>
  /** Proves idleness, then fails the check if the learner's FIN or RST has come. */
  staysOpen(): Promise<void>
  /** Proves idleness, then fails the check if bytes are there that no one has taken, or FIN or RST. */
  silent(): Promise<void>
  /** Whether the learner may still read behind its own FIN: false once a reset has answered what was sent to it. */
  takesMore(): Promise<boolean>
  /** Starts reading, where the connection was made `paused`. */
  read(): void
  /** Stops reading. What is in the kernel stays there. */
  pause(): void
}

export interface ResponseOptions {
  /** It answers HEAD, and has no body. */
  readonly head?: boolean
  /** What a report calls it, should it not come: `the answer to GET /b`. */
  readonly as?: string
}

/** One HTTP message as raw as it came. */
export interface HttpMessage {
  /** `GET /a HTTP/1.1`, or `HTTP/1.1 200 OK`. */
  readonly startLine: string
  /** As on the wire, in order, case kept. */
  readonly headers: ReadonlyArray<readonly [name: string, value: string]>
  readonly body: Buffer
  /** Every byte of it. */
  readonly raw: Buffer
  /** All values of a field, joined by `, `; null where it does not occur. Name in any case. */
  header(name: string): string | null
  /** The first, second, third word of the start line: method, target, version; or version, status, reason. */
  readonly words: readonly [string, string, string]
}

export interface LinkOptions {
  /** Answers one request of HTTP/1; runs as often as requests arrive. */
  readonly respond?: (request: HttpMessage, connection: number) => string | Uint8Array
  /** Instead of it, for another protocol: called with whatever bytes arrive. */
  readonly answer?: (bytes: Buffer, connection: number) => string | Uint8Array
  /** Of the segments that the origin sends, from 1: it is lost once, and comes a round trip later (RFC 9293 §3.8). */
  readonly loses?: number
  /** Initial congestion window in segments; 10 if not given (RFC 6928). */
  readonly initialWindow?: number
  /** Bytes a segment; 1460 if not given. */
  readonly segmentSize?: number
  /** Bytes that reach the learner in a round trip, shared by all connections; any number if not given. */
  readonly bytesPerRoundTrip?: number
  /** The learner's receive window in bytes; without end if not given. */
  readonly receiveWindow?: number
  /**
   * An origin that has sent nothing for longer than `rtoMs` begins again with the initial window (RFC 5681 §4.1). A
   * round trip counts as `roundTripMs`, beside the virtual time that passes. Windows stay open if not given.
   */
  readonly idleRestart?: { readonly rtoMs: number; readonly roundTripMs: number }
  /** Told of everything that goes on the path, when it leaves. */
  readonly onFlight?: (flight: PathFlight) => void
  /** Name of the lane in the ladder; `origin` if not given. */
  readonly name?: string
}

export interface Link {
  readonly port: number
  /** Round trips that have passed in logical time: by half ones, and parts of them where the path is narrow. */
  readonly roundTrips: number
  /** Connections made so far. */
  readonly connections: number
  /** The most connections open at once, read at idle points. */
  readonly mostOpen: number
  /** Flights sent by the origin: bursts of at most a congestion window. */
  readonly flights: number
}
