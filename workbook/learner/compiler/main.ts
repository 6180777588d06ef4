import { build } from './build.ts'
import type { Answer, Source } from './messages.ts'

/**
 * The compiler's process: it reads files of strangers, and esbuild takes them apart. Whatever they do to it, it can be
 * lost. It runs nothing of what it reads.
 */

process.on('message', (source: Source) => void build(source).then(send, explain))
// Whoever asked is gone.
process.on('disconnect', () => process.exit())

// --- internal ---

/** What esbuild's library says when its program has ended: `The service was stopped`. */
const LOST = /^The service /

function send(answer: Answer): void {
  process.send?.(answer)
}

function explain({ message }: Error): void {
  if (LOST.test(message)) process.exit(1)
  send({ kind: 'broken', message })
}
