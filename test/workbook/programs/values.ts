/** A learner's program for tests of what crosses between it and the grader. */

export const echo = <T>(value: T): T => value

export const bare = (): object => Object.assign(Object.create(null) as object, { a: 1 })

/** As a text, what arrived here: the suite cannot see it otherwise. */
export function describe(value: unknown): string {
  if (Buffer.isBuffer(value)) return `Buffer ${value.toString('latin1')}`
  if (value instanceof Map) return `Map ${JSON.stringify([...value])}`
  if (value instanceof Set) return `Set ${JSON.stringify([...value])}`
  if (value instanceof Date) return `Date ${value.getTime()}`
  if (value instanceof Error) return `${value.constructor.name} ${value.name} ${value.message}`
  return `${typeof value} ${String(value)}`
}

export class LabError extends Error {
  override readonly name = 'LabError'
  readonly code = 'E_LAB'
  readonly phases = { dns: 1, connect: [2, 3] }
  readonly bytes = Buffer.from('raw')
}

export function fail(): never {
  const root = Object.assign(new TypeError('the root'), { code: 'E_ROOT' })
  throw new LabError('the message', { cause: new Error('between', { cause: root }) })
}

export function returnsError(): { problem: Error } {
  return { problem: new LabError('kept') }
}

/** Keeps its state in a private field, an accessor and a plain field. */
export class Counter {
  readonly label: string
  readonly _hidden = 'hidden'
  #count = 0

  constructor(label: string) {
    this.label = label
  }

  get count(): number {
    return this.#count
  }

  add(by = 1): this {
    this.#count += by
    return this
  }

  async addLater(by: number): Promise<number> {
    await new Promise(setImmediate)
    this.#count += by
    return this.#count
  }

  addWith(other: Counter): number {
    return this.#count + other.count
  }

  failing(): never {
    throw new LabError(`of ${this.label}`)
  }
}

export class Twice extends Counter {
  override add(by = 1): this {
    return super.add(2 * by)
  }
}

/** An object whose methods use `this`, and functions in any depth. */
export function server(): object {
  return {
    port: 80,
    closed: false,
    close(this: { closed: boolean }) {
      this.closed = true
      return this.closed
    },
    inner: { list: [(a: number, b: number) => a + b], map: new Map([['double', (n: number) => 2 * n]]) },
  }
}

export async function callBack(handler: (value: unknown) => unknown, value: unknown): Promise<unknown> {
  return await handler(value)
}

export async function callBackInside(options: {
  deep: Array<{ handler(value: string): Promise<string> }>
}): Promise<string> {
  return (await options.deep[0]?.handler('asked')) ?? 'no handler'
}

export async function caught(handler: () => Promise<void>): Promise<string> {
  try {
    await handler()
    return 'nothing thrown'
  } catch (error) {
    const { name, message, code, cause } = error as Error & { code?: string }
    return [error instanceof Error, name, message, code, (cause as Error | undefined)?.message].join(' ')
  }
}

export function isSame(counter: Counter, again: Counter): boolean {
  return counter === again && counter instanceof Counter
}

let kept: Counter | undefined
export const keep = (counter: Counter): void => void (kept = counter)
export const keptCount = (): number | undefined => kept?.count
