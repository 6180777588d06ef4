import path from 'node:path'

/**
 * The pages as a handout has them: a link to a file that does not come along becomes its text. Pages link
 * to labs that were not chosen, and to the sources of the tool.
 */
export function unlinkAbsent(files: ReadonlyMap<string, Buffer>): Map<string, Buffer> {
  const present = new Set([...files.keys()].flatMap(withFolders))
  return new Map(
    [...files].map(([file, bytes]) => {
      if (!file.endsWith('.md')) return [file, bytes]
      return [file, Buffer.from(unlink(bytes.toString('utf8'), path.posix.dirname(file), present))]
    }),
  )
}

// --- internal ---

/** Not an image: a figure comes along, or the page is wrong everywhere. */
const LINK = /(?<!!)\[((?:[^[\]\\]|\\.|\[[^[\]]*\])*)\]\(([^)\s]+)\)/g

function unlink(page: string, folder: string, present: ReadonlySet<string>): string {
  // Odd parts are fences, with their marks.
  return page
    .split(/^( {0,3}(?:```|~~~)[^]*?^ {0,3}(?:```|~~~)[ \t]*$)/m)
    .map((part, index) =>
      index % 2 === 1
        ? part
        : part.replace(LINK, (link: string, text: string, target: string) =>
            leadsAway(target, folder, present) ? text : link,
          ),
    )
    .join('')
}

function leadsAway(target: string, folder: string, present: ReadonlySet<string>): boolean {
  const [place = ''] = target.split('#')
  if (place === '' || /^(?:[a-z][a-z\d+.-]*:|\/\/)/i.test(place)) return false
  const file = path.posix.join(folder, decodeURI(place)).replace(/\/$/, '')
  return !present.has(file)
}

/** `a/b/c.md`, `a/b` and `a`: a link may lead to a folder. */
function withFolders(file: string): string[] {
  const folder = path.posix.dirname(file)
  return folder === '.' ? [file] : [file, ...withFolders(folder)]
}
