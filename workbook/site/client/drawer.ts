/**
 * Where the pages stand below the text, because the window is narrow, their link opens them as a drawer: first what
 * is on this page, then all others. Without scripts the link leads down to them.
 */
export function startDrawer(): void {
  const link = document.querySelector<HTMLAnchorElement>('.to-pages')
  const drawer = document.getElementById('site-pages')
  if (!link || !drawer) return
  addContents(drawer)
  const set = (open: boolean): void => {
    document.documentElement.classList.toggle('drawer', open)
    link.setAttribute('aria-expanded', String(open))
    if (open) drawer.focus()
  }
  link.setAttribute('role', 'button')
  set(false)
  link.addEventListener('click', (event) => {
    event.preventDefault()
    set(link.getAttribute('aria-expanded') !== 'true')
  })
  // A button is pressed with the space bar too.
  link.addEventListener('keydown', (event) => {
    if (event.key !== ' ') return
    event.preventDefault()
    link.click()
  })
  document.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' || link.getAttribute('aria-expanded') !== 'true') return
    set(false)
    link.focus()
  })
  document.addEventListener('click', ({ target }) => {
    if (!(target instanceof Element) || target.closest('.to-pages')) return
    if (!drawer.contains(target) || target.closest('a')) set(false)
  })
}

// --- internal ---

function addContents(drawer: HTMLElement): void {
  const contents = document.querySelector('.contents')
  const [title, list] = [contents?.querySelector('summary'), contents?.querySelector('ul')]
  if (!title || !list) return
  const part = document.createElement('div')
  part.className = 'here'
  const heading = document.createElement('p')
  heading.className = 'group'
  heading.textContent = title.textContent
  part.append(heading, list.cloneNode(true))
  drawer.prepend(part)
}
