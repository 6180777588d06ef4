import path from 'node:path'

/** Where the pages of the site come from and where they go. All paths are relative, with `/`. */

/** English stands in docs/ itself and in `README.md`; every other language has a folder and an infix. */
export const FIRST_LANGUAGE = 'en'

/** `ko` for `docs/ko/…` and for `README.ko.md`. */
export function languageOf(file: string): string {
  const match = /^docs\/([a-z]{2})\//.exec(file) ?? /\.([a-z]{2})\.md$/.exec(file)
  return match?.[1] ?? FIRST_LANGUAGE
}

/** The same page in another language, whether it exists or not. */
export function translationOf(file: string, language: string): string {
  const plain = file.replace(/^docs\/[a-z]{2}\//, 'docs/').replace(/\.[a-z]{2}\.md$/, '.md')
  if (language === FIRST_LANGUAGE) return plain
  if (plain.startsWith('docs/')) return `docs/${language}/${plain.slice('docs/'.length)}`
  return plain.replace(/\.md$/, `.${language}.md`)
}

/** Where the page of a file stands in the built site. Each has a name of its own: file:// knows no index. */
export function outputOf(file: string): string {
  const language = languageOf(file)
  const folder = language === FIRST_LANGUAGE ? '' : `${language}/`
  const plain = translationOf(file, FIRST_LANGUAGE)
  if (!plain.endsWith('.md')) return `code/${file}.html`
  const name = plain.replace(/\.md$/, '.html')
  if (name.startsWith('docs/')) return folder + name.slice('docs/'.length)
  if (name.startsWith('labs/')) return folder + name.replace(/README\.html$/, 'index.html')
  return `${folder}project/${name}`
}

/** A relative link from one page of the site to another. */
export function linkBetween(from: string, to: string): string {
  return encodeURI(path.posix.relative(path.posix.dirname(from), to))
}

/** Where a link in a file leads: `../kit/README.md` in `labs/12-x/README.md` to `labs/kit/README.md`. */
export function targetOf(file: string, place: string): string {
  return path.posix.join(path.posix.dirname(file), place)
}

/** The way from a page up to the site: `../../`, or nothing. */
export function rootOf(out: string): string {
  return '../'.repeat(out.split('/').length - 1)
}
