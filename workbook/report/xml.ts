export interface XmlElement {
  readonly name: string
  readonly attributes: Readonly<Record<string, string | number>>
  /** Elements are indented; text stands exactly as it is. */
  readonly content: string | readonly XmlElement[]
}

/** What XML 1.0 §2.2 allows; anything else may not stand in a document, not even escaped. */
const NOT_XML = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu
/** A parser turns a raw line break in an attribute into a space, and a raw CR into LF: hence the numbers. */
const ENTITIES = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
  ['\t', '&#9;'],
  ['\n', '&#10;'],
  ['\r', '&#13;'],
])

/** A whole document, with its declaration, that ends with a newline. */
export function xmlDocument(root: XmlElement): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${write(root, '')}\n`
}

function write({ name, attributes, content }: XmlElement, indent: string): string {
  const pairs = Object.entries(attributes).map(
    ([key, value]) => ` ${key}="${escapeAttribute(String(value))}"`,
  )
  const open = `${indent}<${name}${pairs.join('')}`
  if (content.length === 0) return `${open}/>`
  if (typeof content === 'string') return `${open}>${escapeText(content)}</${name}>`
  const children = content.map((child) => write(child, `${indent}  `))
  return [`${open}>`, ...children, `${indent}</${name}>`].join('\n')
}

function escapeAttribute(text: string): string {
  return replaceAll(text, /[&<>"\t\n\r]/gu)
}

/** `>` too: it would end a text as `]]>`. */
function escapeText(text: string): string {
  return replaceAll(text, /[&<>\r]/gu)
}

function replaceAll(text: string, characters: RegExp): string {
  return text.replace(NOT_XML, '').replace(characters, (character) => ENTITIES.get(character) ?? character)
}
