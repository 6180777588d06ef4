/**
 * A text of predictions with one box ticked, or without its tick; every other byte stays. A question has one
 * answer, so a tick takes the others of its question away.
 *
 * @param question - `P1`
 * @param choice - `a`
 * @returns null where there is no such box.
 */
export function withTick(
  text: string,
  {
    question,
    choice,
    ticked,
  }: { readonly question: string; readonly choice: string; readonly ticked: boolean },
): string | null {
  let [within, found] = ['', false]
  const lines = text.split('\n').map((line) => {
    within = HEADING.exec(line)?.[1] ?? within
    const [, before = '', letter = '', after = ''] = BOX.exec(line) ?? []
    if (within !== question || letter === '') return line
    const isIt = letter.toLowerCase() === choice
    found ||= isIt
    // Whoever takes a tick away says nothing about the other boxes.
    if (!isIt && !ticked) return line
    return `${before}[${isIt && ticked ? 'x' : ' '}] ${letter}${after}`
  })
  return found ? lines.join('\n') : null
}

// --- internal ---

const HEADING = /^##\s+(P\d+)\b/
const BOX = /^(\s*(?:[-*+]\s*)?)\[\s*x?\s*\]\s*([a-z])([.)].*)$/is
