/** The images of a page, read letter by letter: it knows nothing of how a program reads them. */

/** @returns The targets in the order of the document, each once. */
export function imagesIn(html: string): string[] {
  const reader = new Reader(html)
  const targets: string[] = []
  for (let tag = reader.tag(); tag !== null; tag = reader.tag()) {
    const target = tag.name === 'img' ? targetOf(tag.attributes) : null
    if (target !== null && !targets.includes(target)) targets.push(target)
  }
  return targets
}

// --- internal ---

type Attribute = readonly [name: string, value: string]

interface Tag {
  readonly name: string
  readonly attributes: readonly Attribute[]
}

function targetOf(attributes: readonly Attribute[]): string | null {
  const [, value = ''] = attributes.find(([name]) => name === 'src') ?? []
  const target = value.split('&amp;').join('&').split('#')[0] ?? ''
  return target.startsWith('/') && !target.startsWith('//') ? target : null
}

const SPACE = ' \t\r\n\f'

class Reader {
  readonly #html: string
  #at = 0

  constructor(html: string) {
    this.#html = html
  }

  /** The next tag that is whole; null where there is none, or where something has begun and not ended. */
  tag(): Tag | null {
    for (;;) {
      const start = this.#html.indexOf('<', this.#at)
      if (start === -1) return null
      if (this.#html.startsWith('<!--', start)) {
        const end = this.#html.indexOf('-->', start + 4)
        if (end === -1) return null
        this.#at = end + 3
      } else if (/[a-z/!]/i.test(this.#html[start + 1] ?? '')) {
        this.#at = start + 1
        return this.#inside()
      } else {
        this.#at = start + 1
      }
    }
  }

  #inside(): Tag | null {
    const name = this.#until(`${SPACE}/>`).toLowerCase()
    // The first letter may be a `/` itself, of an end tag.
    if (name === '') this.#at++
    const attributes: Attribute[] = []
    for (;;) {
      this.#skip(`${SPACE}/`)
      const letter = this.#html[this.#at]
      if (letter === undefined) return null
      if (letter === '>') {
        this.#at++
        return { name, attributes }
      }
      const attribute = this.#attribute()
      if (attribute === null) return null
      attributes.push(attribute)
    }
  }

  #attribute(): Attribute | null {
    // What stands in quotes and has no name is gone over as a whole.
    const name = this.#quoted() ?? this.#until(`${SPACE}/>="'`).toLowerCase()
    this.#skip(SPACE)
    if (this.#html[this.#at] !== '=') return [name, '']
    this.#at++
    this.#skip(SPACE)
    const value = this.#quoted() ?? this.#until(`${SPACE}>`)
    return this.#at > this.#html.length ? null : [name, value]
  }

  /** A value in quotes; behind the end of the text where its second quote has not come. */
  #quoted(): string | null {
    const quote = this.#html[this.#at] ?? ''
    if (quote === '' || !`"'`.includes(quote)) return null
    const end = this.#html.indexOf(quote, this.#at + 1)
    const value = this.#html.slice(this.#at + 1, end === -1 ? undefined : end)
    this.#at = end === -1 ? this.#html.length + 1 : end + 1
    return value
  }

  #until(letters: string): string {
    const start = this.#at
    while (this.#at < this.#html.length && !letters.includes(this.#html[this.#at] ?? '')) this.#at++
    return this.#html.slice(start, this.#at)
  }

  #skip(letters: string): void {
    while (this.#at < this.#html.length && letters.includes(this.#html[this.#at] ?? '')) this.#at++
  }
}
