/** Light or dark: as the system says, until the reader chooses. */

type Theme = 'light' | 'dark'

const KEY = 'socket-workbook-theme'
const system = matchMedia('(prefers-color-scheme: dark)')

/** Before anything is drawn, so that nothing flashes. */
export function applyTheme(): void {
  const theme = chosen()
  if (theme === null) delete document.documentElement.dataset['theme']
  else document.documentElement.dataset['theme'] = theme
}

export function startTheme(): void {
  const button = document.querySelector<HTMLButtonElement>('button.theme')
  if (!button) return
  const show = (): void => button.setAttribute('aria-pressed', String(current() === 'dark'))
  button.hidden = false
  button.addEventListener('click', () => {
    const other = current() === 'dark' ? 'light' : 'dark'
    choose(other === ofSystem() ? null : other)
    applyTheme()
    show()
  })
  system.addEventListener('change', show)
  show()
}

// --- internal ---

function current(): Theme {
  return chosen() ?? ofSystem()
}

function ofSystem(): Theme {
  return system.matches ? 'dark' : 'light'
}

/** A browser may forbid to store anything; then a choice holds for one page. */
let here: Theme | null = null

function chosen(): Theme | null {
  try {
    const stored = localStorage.getItem(KEY)
    return stored === 'light' || stored === 'dark' ? stored : null
  } catch {
    return here
  }
}

function choose(theme: Theme | null): void {
  here = theme
  try {
    if (theme === null) localStorage.removeItem(KEY)
    else localStorage.setItem(KEY, theme)
  } catch {
    // It holds for this page.
  }
}
