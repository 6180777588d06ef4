import type { HttpMessage } from '../../../workbook/grading/check.ts'

type Answer = Pick<HttpMessage, 'header' | 'body'> & { readonly status: string }

/** The whole responses at the front of some bytes, each with a Content-Length. What follows is a part of one. */
export function allIn(bytes: Buffer): Answer[] {
  const blank = bytes.indexOf('\r\n\r\n')
  if (blank < 0) return []
  const [startLine = '', ...lines] = bytes.toString('latin1', 0, blank).split('\r\n')
  const header = (name: string): string | null => {
    const own = lines.filter((line) => line.toLowerCase().startsWith(`${name.toLowerCase()}:`))
    return own.length > 0 ? own.map((line) => line.slice(name.length + 1).trim()).join(', ') : null
  }
  const end = blank + 4 + Number(header('content-length') ?? 0)
  if (bytes.length < end) return []
  const body = bytes.subarray(blank + 4, end)
  return [{ status: startLine.split(' ')[1] ?? '', header, body }, ...allIn(bytes.subarray(end))]
}
