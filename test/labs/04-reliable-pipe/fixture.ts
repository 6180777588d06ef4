/** Reads from pipes of the program's, and writes to them, in its process. */

interface Pipe {
  readonly tuple: unknown
  write(bytes: Uint8Array): void
  end(): void
  read(): Promise<Uint8Array | null>
  readonly closed: Promise<unknown>
}

/** What has become of a pipe so far. */
interface Watched {
  readonly pipe: Pipe
  readonly chunks: Uint8Array[]
  /** How often read() is still to be called, the call under way included. */
  left: number
  /** `end` for null, or the code of an error. */
  ended: string | null
  closed: string | null
  /** Settles when it is not read any more. */
  over: Promise<void>
}

const watched: Watched[] = []
const waiting = new WeakMap<object, () => void>()
const accepted = new WeakMap<object, number[]>()

/** @param greedy - Whether it is read from at once, and on and on. */
export function watch(pipe: Pipe, greedy: boolean): number {
  const one: Watched = { pipe, chunks: [], left: 0, ended: null, closed: null, over: Promise.resolve() }
  pipe.closed.then(
    (ending) => void (one.closed = String(ending)),
    (error: unknown) => void (one.closed = `rejected: ${String(error)}`),
  )
  const id = watched.push(one) - 1
  if (greedy) goOn(one, Infinity)
  return id
}

/** An `onPipe` that watches each. */
export function acceptor(greedy: boolean): (pipe: Pipe) => void {
  const ids: number[] = []
  const onPipe = (pipe: Pipe): void => {
    ids.push(watch(pipe, greedy))
    waiting.get(onPipe)?.()
  }
  accepted.set(onPipe, ids)
  return onPipe
}

export function acceptedBy(onPipe: object): number[] {
  return [...(accepted.get(onPipe) ?? [])]
}

/** The first pipe, as soon as it is there. */
export async function firstOf(onPipe: object): Promise<number> {
  for (;;) {
    const [first] = accepted.get(onPipe) ?? []
    if (first !== undefined) return first
    await new Promise<void>((resolve) => waiting.set(onPipe, resolve))
  }
}

/** Gives these numbers in turn, and the last one again. */
export function numbers(list: readonly number[]): () => number {
  let at = 0
  return () => list[Math.min(at++, list.length - 1)] ?? 0
}

/** The newest pipe of an acceptor, and how many there were. */
export function glance(onPipe: object): object {
  const ids = acceptedBy(onPipe)
  const id = ids.at(-1) ?? null
  return { opened: ids.length, id, seen: id === null ? null : look(id) }
}

export function look(id: number): object {
  const { pipe, chunks, ended, closed } = theOne(id)
  return { tuple: pipe.tuple, bytes: Buffer.concat(chunks), ended, closed }
}

/** Calls read() once, where no call is under way. */
export function readOnce(id: number): void {
  goOn(theOne(id), 1)
}

export function readAlways(id: number): void {
  goOn(theOne(id), Infinity)
}

/** The caller uses its memory again: what is sent later has to be a copy. */
export function write(id: number, bytes: Uint8Array): void {
  const memory = Buffer.from(bytes)
  theOne(id).pipe.write(memory)
  memory.fill('used again after write() ')
}

export function end(id: number): void {
  theOne(id).pipe.end()
}

function goOn(one: Watched, times: number): void {
  const isReading = one.left > 0
  one.left = Math.max(one.left, times)
  if (!isReading) one.over = readOn(one)
}

async function readOn(one: Watched): Promise<void> {
  try {
    for (; one.left > 0 && one.ended === null; one.left--) {
      const bytes = await one.pipe.read()
      if (bytes === null) one.ended = 'end'
      else if (bytes.length > 0) one.chunks.push(Uint8Array.from(bytes))
    }
  } catch (error) {
    one.ended = String((error as { code?: unknown }).code ?? error)
  }
  one.left = 0
}

/** Everything that comes to one that is read on and on, when it is over. */
export async function whole(id: number): Promise<Uint8Array> {
  const one = theOne(id)
  await one.pipe.closed
  await one.over
  return Buffer.concat(one.chunks)
}

function theOne(id: number): Watched {
  const one = watched[id]
  if (!one) throw new Error(`no pipe ${id} is watched`)
  return one
}
