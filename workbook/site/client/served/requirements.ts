import type { Verdicts } from './panel.ts'

/** Beside each requirement in the text: how it stands, and a button that shows its hints one by one. */
export function showBeside({ requirements }: Verdicts): void {
  for (const { id, kind } of requirements) {
    const item = document.getElementById(id.toLowerCase())
    if (!item) continue
    const mark = item.querySelector('.verdict') ?? addMark(item, id)
    mark.className = `verdict live-${kind}`
    mark.textContent = `${MARKS[kind] ?? '✗'} ${kind.replace('-', ' ')}`
  }
}

// --- internal ---

const MARKS: Readonly<Record<string, string>> = { passed: '✓', waiting: '·', 'not-started': '○' }

function addMark(item: HTMLElement, id: string): HTMLElement {
  const [mark, button] = [document.createElement('span'), document.createElement('button')]
  const hints = hintsOf(id)
  let shown = 0
  const name = (): void => {
    button.textContent = shown === 0 ? `Hint for ${id}` : `Next hint (${shown} of ${hints.length})`
    button.hidden = shown === hints.length
  }
  button.type = 'button'
  button.className = 'hint'
  button.addEventListener('click', () => {
    const hint = document.createElement('p')
    hint.className = 'hint-text'
    hint.append(...(hints[shown++]?.cloneNode(true).childNodes ?? []))
    button.before(hint)
    name()
  })
  name()
  item.append(' ', mark, ' ', button)
  return mark
}

/** They stand folded at the end of the page, each behind the name of its requirement. */
function hintsOf(id: string): Element[] {
  const hints = document.getElementById('hints')?.closest('.heading')?.nextElementSibling
  return [...(hints?.querySelectorAll('li') ?? [])].filter(
    (each) => each.querySelector('strong')?.textContent === id,
  )
}
