import type { Came } from './fetch-model.ts'
import type { Sent } from './replies.ts'

/** How far an answer comes before its connection ends. */
export type Cut =
  | 'nothing'
  | 'within the head'
  | 'the head'
  | 'a byte'
  | 'half'
  | 'all but a byte'
  | 'all content'
  | 'all but the last byte'
  | 'whole'

/** Where on the wire an answer is cut; the content that has come until there. */
export function cutAt(sent: Sent, upTo: Cut): { readonly bytes: number; readonly content: number } {
  const { length } = sent.content
  const counts = {
    'the head': 0,
    'a byte': 1,
    half: Math.ceil(length / 2),
    'all but a byte': length - 1,
    'all content': length,
  }
  if (upTo === 'nothing') return { bytes: 0, content: 0 }
  if (upTo === 'within the head') return { bytes: sent.headLength - 5, content: 0 }
  if (upTo === 'all but the last byte') return { bytes: sent.bytes.length - 1, content: length }
  if (upTo === 'whole' || !sent.isHttp) return { bytes: sent.bytes.length, content: length }
  const content = Math.max(0, Math.min(length, counts[upTo]))
  return { bytes: content === 0 ? sent.headLength : sent.end(content), content }
}

/** What is there of an answer that ends by itself, or by FIN. */
export function cameOf(sent: Sent, upTo: Cut, end: Came['end']): Came {
  const { bytes, content } = cutAt(sent, upTo)
  const hasHead = bytes >= sent.headLength || !sent.isHttp
  const all = bytes === sent.bytes.length
  const isWhole = hasHead && (sent.framing === 'FIN' ? end === 'FIN' : all)
  return {
    sent: hasHead && bytes > 0 ? sent : null,
    content: sent.content.subarray(0, content),
    isWhole,
    end,
  }
}
