import type { IncomingMessage } from 'node:http'

/** A box of a lab's predictions that a reader has ticked, or whose tick was taken away. */
export interface Tick {
  /** The lab's folder. */
  readonly lab: string
  /** `P1` */
  readonly question: string
  /** `a` */
  readonly choice: string
  readonly ticked: boolean
}

/** @returns Why it was not written; null where it was. */
export type OnTick = (tick: Tick) => string | null

/** Reads a tick and has it written. */
export async function hearTick(
  request: IncomingMessage,
  onTick: OnTick,
): Promise<{ readonly status: number; readonly body: string }> {
  // A page elsewhere cannot send this type without asking first, and nobody answers; Origin tells of it besides.
  if (!isOwn(request)) return { status: 403, body: 'Only a page of this server may write.\n' }
  const tick = readTick(await bodyOf(request))
  if (!tick) return { status: 400, body: 'That is no tick.\n' }
  const why = onTick(tick)
  return why === null ? { status: 200, body: 'Written.\n' } : { status: 409, body: `${why}\n` }
}

// --- internal ---

const MOST_BYTES = 1000

function isOwn({ headers }: IncomingMessage): boolean {
  return headers['content-type'] === 'application/json' && headers.origin === `http://${headers.host ?? ''}`
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = ''
  try {
    for await (const chunk of request.setEncoding('utf8')) {
      text += String(chunk)
      if (text.length > MOST_BYTES) return ''
    }
  } catch {
    return ''
  }
  return text
}

function readTick(text: string): Tick | null {
  try {
    const { lab, question, choice, ticked } = JSON.parse(text) as Record<string, unknown>
    if (typeof lab !== 'string' || typeof question !== 'string') return null
    if (typeof choice !== 'string' || typeof ticked !== 'boolean') return null
    return { lab, question, choice, ticked }
  } catch {
    return null
  }
}
