import { escapeHtml } from '../html.ts'
import type { PageSource } from '../tree.ts'
import type { Words } from './words.ts'

/** What package.json says about the course. */
export interface CourseFacts {
  readonly version: string | null
  /** The address of the repository on a code host, without a slash at its end; null where it is not known. */
  readonly repository: string | null
}

/** @param text - Of package.json; null where there is none. */
export function courseFacts(text: string | null): CourseFacts {
  const { version, repository } = (text === null ? {} : JSON.parse(text)) as {
    readonly version?: string
    readonly repository?: string | { readonly url?: string }
  }
  const written = typeof repository === 'string' ? repository : repository?.url
  return { version: version ?? null, repository: written === undefined ? null : addressOf(written) }
}

/** The last line of a page: the course's version, and where the page can be mended. */
export function footerHtml({ file, kind }: PageSource, course: CourseFacts, words: Words): string {
  const edit =
    course.repository === null || kind === 'contents'
      ? []
      : [`<a class="edit" href="${escapeHtml(`${course.repository}/edit/HEAD/${file}`)}">${words.edit}</a>`]
  const parts = [...(course.version === null ? [] : [`${words.site} ${escapeHtml(course.version)}`]), ...edit]
  return parts.length === 0 ? '' : `<footer class="site">${parts.join(' · ')}</footer>\n`
}

// --- internal ---

/** `github:owner/name`, `git+https://host/owner/name.git` and their like; other hosts have other ways to edit. */
function addressOf(written: string): string | null {
  const [, path] =
    /^(?:github:|(?:git\+)?(?:https|ssh):\/\/(?:git@)?github\.com\/)?([\w.-]+\/[\w.-]+?)(?:\.git)?$/.exec(
      written,
    ) ?? []
  return path === undefined ? null : `https://github.com/${path}`
}
