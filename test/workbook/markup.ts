/** Reads XML strictly, as far as reports need it: one root, every element closed, no bare & or <. */
export interface XmlNode {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  readonly children: readonly XmlNode[]
  readonly text: string
}

const TOKEN = /<\/(\w+)>|<(\w+)((?: [\w-]+="[^"<]*")*)(\/?)>|([^<]+)/gy
const ENTITY = /&(?:amp|lt|gt|quot|#\d+);/g
const HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'

/** @throws Error at the first thing that is not well-formed. */
export function readXml(xml: string): XmlNode {
  if (!xml.startsWith(HEAD)) throw new Error('no XML declaration')
  const top = open('', '')
  const stack = [top]
  TOKEN.lastIndex = HEAD.length
  while (TOKEN.lastIndex < xml.length) {
    const at = TOKEN.lastIndex
    const match = TOKEN.exec(xml)
    const inner = stack.at(-1) as Open
    if (!match) throw new Error(`not well-formed at ${at}: ${xml.slice(at, at + 40)}`)
    const [, closed, opened, attributes = '', empty, text] = match
    if (text !== undefined) inner.text += checked(text)
    else if (opened !== undefined) {
      const node = open(opened, attributes)
      inner.children.push(node)
      if (empty === '') stack.push(node)
    } else if (inner.name !== closed) throw new Error(`</${closed}> closes <${inner.name}>`)
    else stack.pop()
  }
  const [root, ...others] = top.children
  if (!root || others.length > 0 || stack.length > 1) throw new Error('not one root that is closed')
  return root
}

// --- internal ---

interface Open extends XmlNode {
  readonly children: XmlNode[]
  text: string
}

function open(name: string, attributes: string): Open {
  const pairs = [...attributes.matchAll(/ ([\w-]+)="([^"]*)"/g)].map(([, key = '', value = '']) => [
    key,
    checked(value),
  ])
  if (new Set(pairs.map(([key]) => key)).size < pairs.length)
    throw new Error(`an attribute of <${name}> stands twice`)
  return { name, attributes: Object.fromEntries(pairs) as Record<string, string>, children: [], text: '' }
}

function checked(text: string): string {
  if (text.replace(ENTITY, '').includes('&')) throw new Error(`a bare & in ${text}`)
  return text
}
