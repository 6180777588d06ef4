import type { Socket } from 'node:net'

/** Looks at objects of the program, and plays long sequences on them, in its process. */

type Flag = 'FIN' | 'ACK' | 'RST'

interface Closing {
  readonly state: unknown
  close(): void
  receive(flags: readonly Flag[]): void
}

type Class = new (o: { mslMs: number; send(flags: unknown): void }) => Closing

const sentBy = new WeakMap<object, string[]>()

/** A `send` that remembers. */
export function recorder(): (flags: unknown) => void {
  const sent: string[] = []
  const send = (flags: unknown): void => void sent.push(String(flags))
  sentBy.set(send, sent)
  return send
}

/** The state, and everything that was sent. */
export function look(closing: Closing, send: object): { state: string; sent: string[] } {
  return { state: String(closing.state), sent: [...(sentBy.get(send) ?? [])] }
}

let walked: Array<{ readonly end: Closing; readonly sent: string[] }> = []

/** An end for each sequence, of the same class, played before anything else can happen. */
export function walk(first: Closing, mslMs: number, sequences: readonly string[][]): string[] {
  const { constructor: make } = first as unknown as { readonly constructor: Class }
  walked = sequences.map((events) => {
    const sent: string[] = []
    const end = new make({ mslMs, send: (flags: unknown) => void sent.push(String(flags)) })
    for (const event of events) tell(end, event)
    return { end, sent }
  })
  return lookAtAll()
}

/** One event more for each of them. */
export function walkOn(events: readonly string[]): string[] {
  for (const [index, { end }] of walked.entries()) tell(end, events[index] ?? '')
  return lookAtAll()
}

export function lookAtAll(): string[] {
  return walked.map(({ end, sent }) => [end.state, ...sent].join(' '))
}

function tell(end: Closing, event: string): void {
  if (event === 'close()') end.close()
  else if (event !== '') end.receive(event.split('+') as Flag[])
}

const times = new WeakMap<object, { now: number }>()

/** A clock that shows what it was told last. */
export function handClock(start: number): () => number {
  const time = { now: start }
  const now = (): number => time.now
  times.set(now, time)
  return now
}

export function setClock(clock: object, now: number): void {
  const time = times.get(clock)
  if (time) time.now = now
}

/** What a program may do with the socket that it was given. */
export function say(socket: Socket, words: string): void {
  socket.write(words)
}

/** Reads what comes until there is a line, as nobody has done before. */
export function hear(socket: Socket): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString()
      if (text.endsWith('\n')) resolve(text)
    })
    socket.once('end', () => reject(new Error('the socket has ended')))
    socket.once('error', reject)
  })
}

export function destroy(socket: Socket): void {
  socket.destroy()
}
