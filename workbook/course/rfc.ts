import { CourseError } from './course-error.ts'

/**
 * RFCs that the course must not cite, each with the one to cite instead. They are obsolete, or moved to
 * Historic (RFC 7805), or, as the one of HTTP/1.0, no authority on what a program of today must do.
 */
const SUCCESSORS: Readonly<Record<string, string>> = {
  // HTTP
  1945: 'RFC 9112 App. C',
  2068: 'RFC 9110, RFC 9111 or RFC 9112',
  2145: 'RFC 9110 §2.5',
  2616: 'RFC 9110, RFC 9111 or RFC 9112',
  2617: 'RFC 9110 §11',
  2818: 'RFC 9110 §4.2.2',
  7230: 'RFC 9112 or RFC 9110',
  7231: 'RFC 9110',
  7232: 'RFC 9110 §13',
  7233: 'RFC 9110 §14',
  7234: 'RFC 9111',
  7235: 'RFC 9110 §11',
  7538: 'RFC 9110 §15.4.9',
  7540: 'RFC 9113',
  7615: 'RFC 9110 §11',
  7694: 'RFC 9110 §12.5.3',
  // TCP
  761: 'RFC 9293',
  793: 'RFC 9293',
  813: 'RFC 9293 §3.8.6',
  816: 'RFC 9293 §3.8.3',
  879: 'RFC 9293 §3.7.1',
  896: 'RFC 9293 §3.7.4',
  1323: 'RFC 7323',
  2001: 'RFC 5681',
  2414: 'RFC 3390',
  2581: 'RFC 5681',
  2873: 'RFC 9293',
  2988: 'RFC 6298',
  6093: 'RFC 9293 §3.8.5',
  6429: 'RFC 9293 §3.8.6.1',
  6528: 'RFC 9293 §3.4.1',
  6691: 'RFC 9293 §3.7.1',
  // What lies around them: addresses, names, TLS
  1541: 'RFC 2131',
  1738: 'RFC 3986',
  1808: 'RFC 3986',
  2396: 'RFC 3986',
  2460: 'RFC 8200',
  3484: 'RFC 6724',
  5246: 'RFC 9846',
  8446: 'RFC 9846',
  6555: 'RFC 8305',
}

/** `RFC 9112`, `RFC 9112 §6.3`, `RFC 9112 App. C.2.2`: one section, so that each can become a link. */
export const RFC_REFERENCE = /^RFC ([1-9]\d*)(?: §\d+(?:\.\d+)*| App\. [A-Z](?:\.\d+)*)?$/

/** What to cite instead of this RFC, or null when it may be cited. */
export function successorOf(rfc: string | number): string | null {
  return SUCCESSORS[String(rfc)] ?? null
}

/** @throws CourseError `E_COURSE_RFC` for a reference in front matter to an RFC that is no longer current. */
export function refuseOutdated(reference: string, file: string, line: number): void {
  const number = RFC_REFERENCE.exec(reference)?.[1] ?? ''
  const successor = successorOf(number)
  if (successor === null) return
  const found = `RFC ${number}, which is no longer current`
  const next = `Cite ${successor} instead.`
  throw new CourseError('E_COURSE_RFC', { file, line, expected: 'a current RFC for `rfc`', found, next })
}
