// Results that look like what they are not, and have no end.
import dns from 'node:dns'

export function instancesOfEverything(): unknown {
  for (const kind of [Error, ArrayBuffer, Map, Set, Date])
    Object.defineProperty(kind, Symbol.hasInstance, { value: () => true })
  return [{ $workbook: 'error', error: null }, { $workbook: 'clock' }, 1]
}

export const holes = (): unknown => new Array(300_000_000)

const odd = [1, 2, 3]
Object.defineProperty(odd, 'map', { value: () => ({ $workbook: 'error', error: null }) })
export { odd }
export const ownMap = (): unknown => odd
export { ownMap as 'own-map' }

export function looksUp(): void {
  const name = 'x'.repeat(30_000)
  for (let count = 0; count < 20_000; count++) dns.lookup(`${name}${count}`, () => undefined)
}
