/* oxlint-disable max-lines -- a whole transport in one file, as a learner hands it in */
/** In another style: closures, a queue of whole segments that are trimmed, FIN always alone, one chunk for each read. */
import { createSocket, type Socket } from 'node:dgram'
import type { Address, FourTuple } from '../../../../labs/kit/http.ts'

type Flag = 'SYN' | 'ACK' | 'FIN' | 'RST'
type Ending = 'clean' | 'reset' | 'timed-out'
type Ports = Record<'sourcePort' | 'destinationPort', number>
type Bare = Record<'sequence' | 'acknowledgement' | 'window', number> & {
  flags: readonly Flag[]
  payload: Uint8Array
}
type Segment = Ports & Bare
type PipeOptions = Record<'mss' | 'windowBytes' | 'rtoMs' | 'maxAttempts', number> & { isn?(): number }

interface Pipe {
  readonly tuple: FourTuple
  readonly closed: Promise<Ending>
  write(bytes: Uint8Array): void
  end(): void
  read(): Promise<Uint8Array | null>
}

const FLAG_BITS: ReadonlyArray<readonly [Flag, number]> = [
  ['FIN', 1],
  ['SYN', 2],
  ['RST', 4],
  ['ACK', 16],
]

function ones(bytes: Uint8Array): number {
  let sum = 0
  bytes.forEach((byte, at) => {
    sum += at % 2 === 0 ? byte * 256 : byte
  })
  while (sum >= 0x10000) sum = (sum % 0x10000) + Math.floor(sum / 0x10000)
  return sum
}

export function encodeSegment(segment: Segment): Uint8Array {
  const { payload } = segment
  const bytes = new Uint8Array(20 + payload.length)
  const view = new DataView(bytes.buffer)
  view.setUint16(0, segment.sourcePort)
  view.setUint16(2, segment.destinationPort)
  view.setUint32(4, segment.sequence)
  view.setUint32(8, segment.acknowledgement)
  view.setUint8(
    13,
    FLAG_BITS.reduce((bits, [flag, bit]) => (segment.flags.includes(flag) ? bits | bit : bits), 0),
  )
  view.setUint16(14, segment.window)
  view.setUint16(18, payload.length)
  bytes.set(payload, 20)
  view.setUint16(16, ~ones(bytes) & 0xffff)
  return bytes
}

export function decodeSegment(bytes: Uint8Array): Segment | null {
  if (bytes.length < 20 || ones(bytes) !== 0xffff) return null
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (view.getUint16(18) !== bytes.length - 20) return null
  return {
    sourcePort: view.getUint16(0),
    destinationPort: view.getUint16(2),
    sequence: view.getUint32(4),
    acknowledgement: view.getUint32(8),
    flags: FLAG_BITS.flatMap(([flag, bit]) => ((view.getUint8(13) & bit) === 0 ? [] : [flag])),
    window: view.getUint16(14),
    payload: bytes.slice(20),
  }
}

const EMPTY: Uint8Array = new Uint8Array(0)
const has = (segment: Segment, flag: Flag): boolean => segment.flags.includes(flag)
const sizeOf = (segment: Segment): number =>
  segment.payload.length + segment.flags.filter((flag) => flag === 'SYN' || flag === 'FIN').length
const ahead = (from: number, to: number): number => (to - from) | 0
const plus = (number: number, by: number): number => (number + by) >>> 0

interface Queued {
  at: number
  bytes: Uint8Array
  readonly flags: readonly Flag[]
}

interface Hooks {
  send(segment: Bare): void
  opened(pipe: Pipe): void
  gone(error: Error | null): void
}

type Hear = (segment: Segment) => void

function coded(code: string): Error {
  return Object.assign(new Error(code), { code })
}

/** @returns What hears the segments of one pipe. */
function makePipe(tuple: Pipe['tuple'], options: PipeOptions, hooks: Hooks, syn: Segment | null): Hear {
  const first = options.isn ? options.isn() : 12_345
  // Sending: what is on its way, and what is not yet.
  const flying: Queued[] = []
  let waiting: Buffer = Buffer.alloc(0)
  let [next, edge, top, oldest] = [plus(first, 1), plus(first, 1), plus(first, 1), first]
  let [ending, finSent, finDone] = [false, false, false]
  let [tries, wait] = [1, options.rtoMs]
  let timer: NodeJS.Timeout | undefined
  let isRunning = false
  let isProbing = false
  // Receiving.
  let expected = syn ? plus(syn.sequence, 1) : 0
  let knowsPeer = syn !== null
  let finAt: number | null = null
  let peerIsDone = false
  const early: Array<{ at: number; bytes: Uint8Array }> = []
  const ready: Uint8Array[] = []
  let unread = 0
  let toldRoom = -1
  // The pipe.
  let isOpen = false
  let broken: Error | null = null
  let staying: NodeJS.Timeout | undefined
  let stays = false
  let reader: { done(bytes: Uint8Array | null): void; fail(error: Error): void } | null = null
  let close: (how: Ending) => void = () => undefined
  const closed = new Promise<Ending>((resolve) => (close = resolve))

  const room = (): number => options.windowBytes - unread
  const say = (flags: readonly Flag[], at: number, bytes = EMPTY): void => {
    toldRoom = room()
    hooks.send({
      flags,
      sequence: at,
      acknowledgement: knowsPeer ? expected : 0,
      window: toldRoom,
      payload: bytes,
    })
  }
  const acknowledge = (): void => say(['ACK'], next)

  function quiet(): void {
    clearTimeout(timer)
    isRunning = false
  }

  function watch(): void {
    const hasWork = flying.length > 0 || waiting.length > 0 || (ending && !finSent)
    if (isRunning || !hasWork || (!isOpen && flying.length === 0)) return
    isRunning = true
    timer = setTimeout(expire, wait)
  }

  function expire(): void {
    isRunning = false
    if (tries >= options.maxAttempts) return fail('timed-out', coded('ETIMEDOUT'))
    wait = wait * 2
    const [head] = flying
    if (head || isProbing) tries++
    if (head) say(head.flags, head.at, head.bytes)
    else probe()
    watch()
  }

  /** The next number, which stays where it waits. */
  function probe(): void {
    isProbing = true
    top = plus(next, 1)
    if (waiting.length > 0) say(['ACK'], next, waiting.subarray(0, 1))
    else say(['FIN', 'ACK'], next)
  }

  /** Sends one segment of at most so many numbers. */
  function launch(most: number): void {
    const bytes = waiting.subarray(0, Math.min(options.mss, most))
    if (bytes.length === 0) finSent = true
    const one: Queued = { at: next, bytes, flags: bytes.length > 0 ? ['ACK'] : ['FIN', 'ACK'] }
    waiting = waiting.subarray(bytes.length)
    flying.push(one)
    next = plus(next, Math.max(1, bytes.length))
    if (ahead(top, next) > 0) top = next
    say(one.flags, one.at, bytes)
  }

  function push(): void {
    for (;;) {
      const hasWork = waiting.length > 0 || (ending && !finSent)
      if (!isOpen || !hasWork || ahead(next, edge) <= 0) return watch()
      launch(ahead(next, edge))
    }
  }

  function trim(number: number): void {
    for (;;) {
      const [head] = flying
      if (!head) return
      const known = ahead(head.at, number)
      if (known <= 0) return
      if (known < head.bytes.length) {
        head.bytes = head.bytes.subarray(known)
        head.at = number
        return
      }
      if (head.flags.includes('FIN')) finDone = true
      flying.shift()
    }
  }

  function heardAck(number: number, window: number): boolean {
    if (ahead(top, number) > 0) return false
    const news = ahead(oldest, number)
    if (news < 0) return true
    const opens = window > 0 && ahead(edge, oldest) >= 0
    if (news > 0 || opens) isProbing = false
    trim(number)
    oldest = number
    if (ahead(next, number) > 0) adopt(number)
    edge = plus(number, window)
    if (news > 0 || opens) {
      quiet()
      tries = 1
      wait = options.rtoMs
    } else if (window === 0) tries = 1
    push()
    return true
  }

  /** A probe has found room. */
  function adopt(number: number): void {
    const known = ahead(next, number)
    if (known > waiting.length) {
      finSent = true
      finDone = true
    }
    waiting = waiting.subarray(Math.min(known, waiting.length))
    next = number
  }

  function sort(): void {
    for (let found = true; found;) {
      found = false
      for (const [index, { at, bytes }] of early.entries()) {
        const skip = ahead(at, expected)
        if (skip < 0) continue
        early.splice(index, 1)
        found = true
        const fresh = bytes.subarray(skip)
        if (fresh.length > 0) {
          ready.push(fresh)
          unread += fresh.length
          expected = plus(expected, fresh.length)
        }
        break
      }
    }
    if (finAt !== null && finAt === expected && !peerIsDone) {
      expected = plus(expected, 1)
      peerIsDone = true
    }
  }

  function heardBytes(segment: Segment): void {
    const limit = plus(expected, room())
    const end = plus(segment.sequence, segment.payload.length)
    const inside = Math.min(segment.payload.length, ahead(segment.sequence, limit))
    if (inside > 0 && ahead(expected, end) > 0)
      early.push({ at: segment.sequence, bytes: segment.payload.subarray(0, inside) })
    if (has(segment, 'FIN') && ahead(end, limit) > 0 && ahead(expected, end) >= 0) finAt = end
    sort()
    feed()
    acknowledge()
  }

  function feed(): void {
    if (!reader) return
    const { done, fail: refuse } = reader
    const chunk = ready.shift()
    if (chunk) {
      unread -= chunk.length
      reader = null
      return done(chunk)
    }
    if (!peerIsDone && !broken) return
    reader = null
    if (peerIsDone) done(null)
    else if (broken) refuse(broken)
  }

  function fail(how: Ending, error: Error): void {
    quiet()
    clearTimeout(staying)
    broken = error
    close(how)
    hooks.gone(error)
    feed()
  }

  function settle(hasFin: boolean): void {
    if (!finDone || !peerIsDone || (stays && !hasFin)) return
    stays = true
    close('clean')
    clearTimeout(staying)
    staying = setTimeout(() => hooks.gone(null), options.rtoMs * Math.pow(2, options.maxAttempts))
  }

  const pipe: Pipe = {
    tuple,
    closed,
    write(bytes) {
      waiting = Buffer.concat([waiting, bytes])
      if (!broken) push()
    },
    end() {
      ending = true
      if (!broken) push()
    },
    read: () =>
      new Promise((done, refuse) => {
        reader = { done, fail: refuse }
        feed()
        if (!broken && toldRoom === 0 && room() > 0) acknowledge()
      }),
  }

  function open(window: number): void {
    isOpen = true
    heardAck(plus(first, 1), window)
  }

  function hear(segment: Segment): void {
    if (has(segment, 'RST')) {
      const refused = !knowsPeer && has(segment, 'ACK') && segment.acknowledgement === next
      if (refused) fail('reset', coded('ECONNREFUSED'))
      else if (knowsPeer && segment.sequence === expected) fail('reset', coded('ECONNRESET'))
      return
    }
    if (!knowsPeer) {
      if (!has(segment, 'ACK')) return
      if (segment.acknowledgement !== next || !has(segment, 'SYN')) return
      knowsPeer = true
      expected = plus(segment.sequence, 1)
      open(segment.window)
      acknowledge()
      return hooks.opened(pipe)
    }
    if (has(segment, 'SYN')) {
      const [head] = flying
      if (!isOpen && head) return say(head.flags, head.at)
      return acknowledge()
    }
    if (!has(segment, 'ACK')) return
    if (!isOpen) {
      if (segment.acknowledgement !== next) return
      open(segment.window)
      hooks.opened(pipe)
    } else if (!heardAck(segment.acknowledgement, segment.window)) return acknowledge()
    if (sizeOf(segment) > 0) heardBytes(segment)
    settle(has(segment, 'FIN'))
  }

  const opening: Queued = { at: first, bytes: EMPTY, flags: syn ? ['SYN', 'ACK'] : ['SYN'] }
  flying.push(opening)
  say(opening.flags, first)
  watch()
  return hear
}

const ownPort = (socket: Socket): number => socket.address().port

function post(socket: Socket, { host, port }: Address, segment: Bare): void {
  const acknowledgement = segment.flags.includes('ACK') ? segment.acknowledgement : 0
  const whole = { ...segment, acknowledgement, sourcePort: ownPort(socket), destinationPort: port }
  socket.send(encodeSegment(whole), port, host)
}

function answerNobody(socket: Socket, to: Address, segment: Segment): void {
  const rest = { window: 0, payload: EMPTY, acknowledgement: plus(segment.sequence, sizeOf(segment)) }
  if (has(segment, 'ACK')) post(socket, to, { ...rest, sequence: segment.acknowledgement, flags: ['RST'] })
  else post(socket, to, { ...rest, sequence: 0, flags: ['ACK', 'RST'] })
}

function start(
  socket: Socket,
  to: Address,
  options: PipeOptions,
  syn: Segment | null,
  hooks: Omit<Hooks, 'send'>,
): Hear {
  const tuple = {
    localAddress: '127.0.0.1',
    localPort: ownPort(socket),
    remoteAddress: to.host,
    remotePort: to.port,
  }
  return makePipe(tuple, options, { ...hooks, send: (segment) => post(socket, to, segment) }, syn)
}

async function bind(heard: (socket: Socket, segment: Segment, from: Address) => void): Promise<Socket> {
  const socket = createSocket('udp4')
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', () => resolve()))
  return socket.on('message', (bytes, { address, port }) => {
    const segment = decodeSegment(bytes)
    if (segment?.sourcePort !== port || segment.destinationPort !== ownPort(socket)) return
    heard(socket, segment, { host: address, port })
  })
}

export async function openPipe(remote: Address, options: PipeOptions): Promise<Pipe> {
  let hear: Hear = () => undefined
  const socket = await bind((_, segment, from) => {
    if (from.host === remote.host && from.port === remote.port) hear(segment)
  })
  return await new Promise<Pipe>((opened, reject) => {
    const gone = (error: Error | null): void => {
      socket.close()
      if (error) reject(error)
    }
    hear = start(socket, remote, options, null, { opened, gone })
  })
}

export async function listenPipes(onPipe: (pipe: Pipe) => void, options: PipeOptions) {
  const pipes: Record<string, Hear> = {}
  let whenClosed: Promise<void> | null = null
  let closing: (() => void) | null = null
  const leave = (): void => {
    if (!closing || Object.keys(pipes).length > 0) return
    socket.close(closing)
    closing = null
  }
  const socket = await bind((own, segment, from) => {
    const name = `${from.host}/${from.port}`
    const hear = pipes[name]
    if (hear) return hear(segment)
    if (has(segment, 'RST')) return
    if (!has(segment, 'SYN') || has(segment, 'ACK') || whenClosed) return answerNobody(own, from, segment)
    const gone = (): void => {
      delete pipes[name]
      leave()
    }
    pipes[name] = start(own, from, options, segment, { opened: onPipe, gone })
  })
  const close = (): Promise<void> => {
    whenClosed ??= new Promise<void>((resolve) => {
      closing = resolve
      leave()
    })
    return whenClosed
  }
  return { port: ownPort(socket), close }
}
