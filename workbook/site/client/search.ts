import MiniSearch from 'minisearch'
import { excerptOf, marked } from './excerpt.ts'
import { SEARCH_OPTIONS, type Hit } from '../search/options.ts'

/**
 * The search of the site: a combobox with a list of results (WAI-ARIA). The index comes as a script, when
 * the field is first used.
 */
export function startSearch(): void {
  const form = document.querySelector<HTMLElement>('.search')
  const input = form?.querySelector('input')
  const list = form?.querySelector('ul')
  const status = form?.querySelector('p')
  if (!form || !input || !list || !status) return
  const box = new SearchBox(form, input, list, status)
  form.hidden = false
  input.addEventListener('focus', () => box.load())
  input.addEventListener('input', () => box.show())
  input.addEventListener('keydown', (event) => box.onKey(event))
  input.addEventListener('blur', () => box.close())
  // Before the field loses the focus, which would take the list away.
  list.addEventListener('pointerdown', (event) => event.preventDefault())
  list.addEventListener('click', (event) => box.onClick(event))
  document.addEventListener('keydown', (event) => {
    if (!asksForSearch(event)) return
    event.preventDefault()
    input.focus()
    input.select()
  })
}

// --- internal ---

/** `/` where nothing is typed, and Ctrl+K or ⌘K everywhere, as readers know it from other pages. */
function asksForSearch({ key, ctrlKey, metaKey, altKey, target }: KeyboardEvent): boolean {
  if (altKey) return false
  if (ctrlKey || metaKey) return key.toLowerCase() === 'k'
  return key === '/' && !isTyping(target)
}

const RESULTS = 12
type Found = Pick<Hit, 'place' | 'page' | 'heading' | 'excerpt'> & { readonly terms: readonly string[] }
type Index = MiniSearch<Hit & { text: string }>

class SearchBox {
  readonly #form: HTMLElement
  readonly #input: HTMLInputElement
  readonly #list: HTMLUListElement
  readonly #status: HTMLParagraphElement
  #index: Index | undefined
  #asked = false
  #active = -1

  constructor(
    form: HTMLElement,
    input: HTMLInputElement,
    list: HTMLUListElement,
    status: HTMLParagraphElement,
  ) {
    this.#form = form
    this.#input = input
    this.#list = list
    this.#status = status
  }

  load(): void {
    if (this.#asked) return
    this.#asked = true
    const receive = (json: string): void => {
      this.#index = MiniSearch.loadJSON(json, SEARCH_OPTIONS)
      this.show()
    }
    Object.assign(globalThis, { workbookSearch: receive })
    const script = document.createElement('script')
    script.src = this.#form.dataset['index'] ?? ''
    // Without a connection the next attempt may find one.
    script.addEventListener('error', () => (this.#asked = false))
    document.head.append(script)
  }

  show(): void {
    const typed = this.#input.value.trim()
    if (typed === '' || !this.#index) {
      this.close()
      return
    }
    const hits = this.#index.search(typed).slice(0, RESULTS) as unknown as Found[]
    this.#list.replaceChildren(...hits.map((hit, index) => this.#option(hit, index)))
    this.#status.textContent =
      hits.length === 0
        ? (this.#form.dataset['nothing'] ?? '')
        : (this.#form.dataset['found'] ?? '').replace('#', String(hits.length))
    this.#form.classList.toggle('empty', hits.length === 0)
    this.#list.hidden = hits.length === 0
    this.#input.setAttribute('aria-expanded', String(hits.length > 0))
    this.#activate(hits.length > 0 ? 0 : -1)
  }

  close(): void {
    this.#list.hidden = true
    this.#form.classList.remove('empty')
    this.#status.textContent = ''
    this.#input.setAttribute('aria-expanded', 'false')
    this.#activate(-1)
  }

  onKey(event: KeyboardEvent): void {
    // A syllable of Korean that is still being put together takes these keys for itself.
    if (event.isComposing) return
    const count = this.#list.hidden ? 0 : this.#list.children.length
    if (event.key === 'Escape') {
      if (count === 0) this.#input.value = ''
      this.close()
    } else if (event.key === 'Enter') {
      this.#open(this.#list.children[this.#active])
    } else if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      if (count === 0) this.show()
      else this.#activate((this.#active + (event.key === 'ArrowDown' ? 1 : -1) + count) % count)
    } else return
    event.preventDefault()
  }

  onClick({ target }: MouseEvent): void {
    if (target instanceof Element) this.#open(target.closest('li'))
  }

  #open(option: Element | null | undefined): void {
    if (!(option instanceof HTMLElement)) return
    this.close()
    this.#input.blur()
    location.href = (this.#form.dataset['root'] ?? '') + (option.dataset['place'] ?? '')
  }

  #option({ place, page, heading, excerpt, terms }: Found, index: number): HTMLLIElement {
    const option = document.createElement('li')
    option.id = `site-result-${index}`
    option.setAttribute('role', 'option')
    option.dataset['place'] = place
    const part = (tag: string, text: string, name: string): HTMLElement => {
      return Object.assign(document.createElement(tag), { textContent: text, className: name })
    }
    const where = part('b', '', 'where')
    where.append(...marked(heading || page, terms))
    option.append(where)
    if (heading !== '') option.append(' ', part('span', page, 'quiet'))
    const shown = part('span', '', 'excerpt')
    shown.append(...marked(excerptOf(excerpt, terms), terms))
    option.append(' ', shown)
    return option
  }

  #activate(index: number): void {
    this.#active = index
    for (const [at, option] of [...this.#list.children].entries()) {
      option.setAttribute('aria-selected', String(at === index))
      if (at === index) option.scrollIntoView({ block: 'nearest' })
    }
    if (index === -1) this.#input.removeAttribute('aria-activedescendant')
    else this.#input.setAttribute('aria-activedescendant', `site-result-${index}`)
  }
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || /^(?:INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  )
}
