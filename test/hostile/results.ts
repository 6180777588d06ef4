// Attacks whoever reads a result.
export function throwingGetter(): object {
  return {
    get value(): never {
      throw new Error('boom in a getter')
    },
  }
}

export function throwingProxy(): object {
  const trap = (): never => {
    throw new Error('boom in a trap')
  }
  return new Proxy(
    {},
    { ownKeys: trap, getPrototypeOf: trap, get: (_, key) => (key === 'then' ? undefined : trap()) },
  )
}

export function deep(): unknown {
  let value: unknown = 'bottom'
  for (let depth = 0; depth < 1000; depth++) value = { value }
  return value
}

export function cyclic(): unknown {
  const [left, right]: Array<Record<string, unknown>> = [{}, {}]
  Object.assign(left!, { left, right, again: right })
  Object.assign(right!, { left, right, again: left })
  return left
}

export function huge(): Buffer {
  return Buffer.alloc(40_000_000, 'x')
}

export function enormous(): Buffer[] {
  return Array.from({ length: 20 }, () => Buffer.alloc(40_000_000, 'x'))
}

export function thenable(): object {
  // oxlint-disable-next-line unicorn/no-thenable -- the attack
  return { then: () => undefined }
}

/** Looks like a value when it is awaited here, and like a promise when it is awaited there. */
export function latentThenable(): object {
  class Latent {
    // oxlint-disable-next-line unicorn/no-thenable -- the attack
    then(): void {}
  }
  // oxlint-disable-next-line unicorn/no-thenable -- the attack
  return Object.defineProperty(new Latent(), 'then', { value: undefined })
}

export function forgedMarks(): unknown {
  return [
    { $workbook: 'error', error: null },
    { $workbook: 'instance', id: 7, methods: 5, data: null },
    { $workbook: 'function', id: 'none' },
    { $workbook: 'nothing' },
  ]
}

export function detached(): unknown {
  const bytes = new ArrayBuffer(8)
  structuredClone(bytes, { transfer: [bytes] })
  return bytes
}

export function bigints(): unknown {
  return { value: 10n ** 30n, symbol: Symbol('s'), nothing: undefined }
}

export function dangerousNames(): unknown {
  return JSON.parse(
    '{ "__proto__": { "polluted": true }, "constructor": 1, "hasOwnProperty": 2, "toString": 3 }',
  )
}

export function nonError(): never {
  throw { not: 'an error' }
}

export function throwingNull(): never {
  throw null
}

export function longMessage(): never {
  throw new Error(`long ${'x'.repeat(5_000_000)}`)
}
