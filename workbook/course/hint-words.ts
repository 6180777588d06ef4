/** A hint for one kind of failure: `Where a report says "no port": look at the error's message.` */
const FOR_A_REPORT = /^Where a report says (".+?"(?: or ".+?")*): /

/** The words of a report that a hint goes with; empty for one that goes with its requirement alone. */
export function wordsOfHint(hint: string): string[] {
  const [, quoted = ''] = FOR_A_REPORT.exec(hint) ?? []
  return [...quoted.matchAll(/"(.+?)"/g)].map(([, words = '']) => words)
}
