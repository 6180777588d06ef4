import type { Check, Connection, Listener } from '../../../workbook/grading/check.ts'
import type { Step } from './steps.ts'

/** The origins of a conversation. */

export interface Place {
  readonly host: string
  readonly port: number
  readonly listener: Listener
  readonly connections: Connection[]
}

/**
 * The second differs from the first in its port, the third in its name alone. A name is one in whatever case it is
 * written, and it stays as the caller wrote it.
 */
export async function openPlaces(c: Check, steps: readonly Step[]): Promise<Place[]> {
  const count = Math.max(0, ...steps.flatMap(originsOf)) + 1
  const places: Place[] = []
  for (let number = 0; number < count; number++) {
    const listener = await c.listen({ name: `origin ${number + 1}` })
    const port = number === 2 ? (places[0] as Place).port : listener.port
    const host = number === 2 ? `${capitalized(c.random.word())}.Example` : '127.0.0.1'
    if (number === 2) c.learner.permit(host, port, listener)
    places.push({ host, port, listener, connections: [] })
  }
  return places
}

// --- internal ---

function originsOf(step: Step): number[] {
  if ('asks' in step) return step.asks.map(({ of = 0 }) => of)
  return 'origin' in step ? [step.origin] : []
}

function capitalized(word: string): string {
  return `${word.slice(0, 1).toUpperCase()}${word.slice(1)}`
}
