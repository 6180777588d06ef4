import { ColourThread, type Code } from './thread.ts'

/** @returns A `<pre>` element. Where there can be no thread, this one does the work. */
export async function coloured(code: Code, thread = ownThread()): Promise<string> {
  try {
    return await thread.colour(code)
  } catch {
    const { colour } = await import('./colour.mjs')
    return colour(code.code, code.language)
  }
}

/** A thread takes a while to start: for those who know that there will be much to do. */
export function wakeThread(): void {
  ownThread()
}

// --- internal ---

let own: ColourThread | undefined

function ownThread(): ColourThread {
  return (own ??= new ColourThread())
}
