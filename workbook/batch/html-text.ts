import { escapeXml } from '../figure/text.ts'

/** Names are students' own: marks that turn the direction of reading or control the screen are shown as such. */
export function text(raw: string): string {
  return escapeXml(raw.replace(/[\p{Cc}\p{Cs}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/gu, '\uFFFD'))
}
