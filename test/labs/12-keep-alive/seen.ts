import { cutMessage, type RawMessage } from '../../../workbook/wire/http-message.ts'
import type { SeenConnection } from './client-state.ts'
import type { Answer } from './server-state.ts'

/** The whole answers at the front of what a client has received, and how many bytes stand behind them. */
export function answersIn(received: Buffer): { readonly answers: Answer[]; readonly rest: number } {
  const { messages, rest } = messagesIn('response', received)
  const answers = messages.map(({ words, headers, body }) => ({
    status: Number(words[1]),
    fields: headers,
    body,
  }))
  return { answers, rest }
}

/** The whole requests at the front of what a server has received, and how many bytes stand behind them. */
export function requestsIn(received: Buffer): Pick<SeenConnection, 'requests' | 'rest'> {
  const { messages, rest } = messagesIn('request', received)
  const requests = messages.map(({ words: [method, target, version], headers, body }) => {
    return { method, target, version: version.replace('HTTP/', ''), fields: headers, body }
  })
  return { requests, rest }
}

// --- internal ---

function messagesIn(kind: 'request' | 'response', received: Buffer) {
  const messages: RawMessage[] = []
  let rest = received
  for (;;) {
    const found = cutMessage(rest, { kind, head: false, ended: false })
    if (found === 'incomplete' || 'malformed' in found) return { messages, rest: rest.length }
    messages.push(found.message)
    rest = rest.subarray(found.message.raw.length)
  }
}
