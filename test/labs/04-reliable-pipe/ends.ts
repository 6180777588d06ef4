import type { Call, Check, DatagramPeer, RemoteServer } from '../../../workbook/grading/check.ts'
import type { Options } from './model.ts'

/** The learner's end of a pipe in the hands of a check, whichever way it came about. */

export const HOST = '127.0.0.1'

/** What the program's side shows of itself. */
export interface Seen {
  readonly tuple: unknown
  readonly bytes: Buffer
  readonly ended: string | null
  readonly closed: string | null
}

/** How many pipes were opened, and the newest of them. */
export interface Glance {
  readonly opened: number
  readonly id: number | null
  readonly seen: Seen | null
}

export interface LearnerEnd {
  /** The program's UDP port; null as long as it has sent nothing. */
  readonly port: number | null
  glance(): Promise<Glance>
  /** The code with which openPipe() rejected. */
  readonly failed: string | null
  /** Lets go of what was made. */
  finish(): Promise<void>
}

export interface Making {
  readonly options: Options
  readonly isn: readonly number[]
  /** Read on and on, from the beginning. */
  readonly greedy: boolean
}

export async function optionsOf(c: Check, { options, isn }: Pick<Making, 'options' | 'isn'>) {
  return { ...options, isn: await c.learner.make('numbers', isn) }
}

export async function opener(c: Check, peer: DatagramPeer, making: Making): Promise<LearnerEnd> {
  const call = c.learner.call<object>('openPipe', { host: HOST, port: peer.port }, await optionsOf(c, making))
  let id: number | null = null
  return {
    port: null,
    async glance() {
      if (id === null && call.outcome?.ok)
        id = await c.learner.make<number>('watch', call.outcome.value, making.greedy)
      if (id === null) return { opened: 0, id, seen: null }
      return { opened: 1, id, seen: await look(c, id) }
    },
    get failed() {
      return failureOf(call)
    },
    finish: async () => undefined,
  }
}

export async function listener(c: Check, making: Making): Promise<LearnerEnd> {
  const { server, onPipe } = await listening(c, making)
  return {
    port: server.port,
    glance: async () => await c.learner.make<Glance>('glance', onPipe),
    failed: null,
    async finish() {
      const closing = server.close()
      await c.learner.idle()
      await c.blame('R13', () => closing)
    },
  }
}

/** @returns The program's server, and the numbers of the pipes that it has taken. */
export async function listening(c: Check, making: Making) {
  const onPipe = await c.learner.make<object>('acceptor', making.greedy)
  const server = await c.learner.call<RemoteServer>('listenPipes', onPipe, await optionsOf(c, making))
  const ids = (): PromiseLike<number[]> => c.learner.make<number[]>('acceptedBy', onPipe)
  return { server, ids, onPipe }
}

export function look(c: Check, id: number): PromiseLike<Seen> {
  return c.learner.make<Seen>('look', id)
}

// --- internal ---

function failureOf(call: Call<unknown>): string | null {
  const outcome = call.outcome
  return outcome && !outcome.ok ? (outcome.error.code ?? outcome.error.message) : null
}
