import type { Handler, Response } from '../../../labs/kit/http.ts'

/** Handlers that live beside the server: ten thousand answers need not cross to the grader. */

/** `/5000` is answered by five thousand bytes, anything else by two. */
export function sized(): Handler {
  return ({ target }) => plain(Buffer.alloc(Number(/^\/(\d+)$/.exec(target)?.[1] ?? 2), 'x'))
}

// --- internal ---

function plain(body: Buffer): Response {
  return { version: '1.1', status: 200, reason: '', headers: [], body }
}
