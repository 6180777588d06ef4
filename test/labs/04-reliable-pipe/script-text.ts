import type { Begins, Comes, Step, Steps } from './play.ts'
import type { Flag } from './model.ts'

/**
 * Scripts in words, a step behind the other: `write 100`, `end`, `read once`, `read on`, `almost` and `due` for the next
 * timer, `pass 7` for milliseconds; and what comes: `data 50`, `ACK`, `FIN ACK`, `SYN`, `bare` for no flag, with `+60`
 * where it is ahead of what is expected, `<20` where it acknowledges so much less than all, `w0` for its window, and
 * `!sum` for its damage.
 */
export function steps(begins: Begins, text: string): Steps {
  return [begins, ...text.split(', ').filter(Boolean).map(stepOf)]
}

// --- internal ---

const WORDS: Readonly<Record<string, Step>> = {
  end: { end: true },
  'read once': { read: 'once' },
  'read on': { read: 'always' },
  almost: { tick: 'almost' },
  due: { tick: 'due' },
}

function stepOf(text: string): Step {
  const word = WORDS[text]
  if (word) return word
  const [, act, number] = /^(write|pass) (\d+)$/.exec(text) ?? []
  if (act === 'write') return { write: Number(number) }
  if (act === 'pass') return { tick: Number(number) }
  return { comes: comesOf(text.split(' ')) }
}

function comesOf(parts: readonly string[]): Comes {
  const comes: { -readonly [Key in keyof Comes]: Comes[Key] } = {}
  const flags: Flag[] = []
  for (const part of parts) {
    const value = Number(part.slice(1))
    if (part === 'bare') comes.flags = []
    else if (part === 'data') flags.push('ACK')
    else if (/^[A-Z]+$/.test(part)) flags.push(part as Flag)
    else if (/^\d+$/.test(part)) comes.bytes = Number(part)
    else if (part.startsWith('+')) comes.at = value
    else if (part.startsWith('-')) comes.at = -value
    else if (part.startsWith('<')) comes.behind = value
    else if (part.startsWith('w')) comes.window = value
    else if (part.startsWith('!')) comes.damaged = part.slice(1) as NonNullable<Comes['damaged']>
    else throw new Error(`no step of a script: ${parts.join(' ')}`)
  }
  return flags.length > 0 ? { ...comes, flags } : comes
}
