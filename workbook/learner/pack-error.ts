import type { Packed, PackedError } from './messages.ts'

/** An error says why a check ended, so it crosses whatever it holds: what cannot be read is left out. */

const MAX_TEXT = 10_000
const OF_ITS_OWN: ReadonlySet<string> = new Set(['name', 'message', 'stack', 'code', 'cause'])

/** @param pack - Packs what the error holds; may throw. */
export function packError(error: Error, pack: (value: unknown) => Packed): PackedError {
  const read = (key: string): unknown => attempt(() => Reflect.get(error, key) as unknown)
  const packed = (key: string): Packed => attempt(() => pack(read(key)))
  const code = read('code')
  const cause = packed('cause')
  const keys = (attempt(() => Object.keys(error)) ?? []).filter((key) => !OF_ITS_OWN.has(key))
  return {
    name: text(read('name')) || 'Error',
    message: text(read('message')),
    stack: text(read('stack')),
    ...(code === undefined ? {} : { code: text(code) }),
    ...(cause === undefined ? {} : { cause }),
    properties: Object.fromEntries(keys.map((key) => [key, packed(key)])),
  }
}

// --- internal ---

function attempt<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}

function text(value: unknown): string {
  const whole = attempt(() => (value as { toString(): unknown }).toString())
  if (typeof whole !== 'string') return ''
  return whole.length > MAX_TEXT ? `${whole.slice(0, MAX_TEXT)}…` : whole
}
