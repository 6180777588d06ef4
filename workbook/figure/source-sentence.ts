import type { FigureSource } from './figure.ts'

/** One sentence for the caption: where the record comes from, and what makes it again. */
export function sourceSentence({ how, command, on }: FigureSource): string {
  return `${HOW[how]}${on === '' ? '' : ` on ${on}`}. Again with: ${command}`
}

// --- internal ---

const HOW = {
  recorded: 'Recorded by both ends of a real run',
  captured: 'Packets captured on the wire',
  computed: 'Computed in virtual time',
} as const
