import type { Handler, Response } from '../../../labs/kit/http.ts'

/** Handlers that live beside the server: ten thousand answers need not cross to the grader. */

/** `/5000` is answered by five thousand bytes, anything else by two. */
export function sized(): Handler {
  return ({ target }) => plain(Buffer.alloc(Number(/^\/(\d+)$/.exec(target)?.[1] ?? 2), 'x'))
}

/** An answer without a body, whose one field is as long as that; others as above, and `/count` tells how many of them there were. */
export function headed(bytes: number): Handler {
  const other = sized()
  let count = 0
  return (request) => {
    if (request.target === '/count') return plain(Buffer.from(`${count}`))
    if (request.target !== '/headed') return other(request)
    count++
    return { ...plain(Buffer.alloc(0)), headers: [['x-long', '~'.repeat(bytes)]] }
  }
}

// --- internal ---

function plain(body: Buffer): Response {
  return { version: '1.1', status: 200, reason: '', headers: [], body }
}
