import type { Handler, Response } from '../../../labs/kit/http.ts'

/** Asks from within the learner's process, where nothing stands between an answer and the next request. */

interface Client {
  request(request: { target: string }): Promise<{ body: Uint8Array }>
}

/** @returns The bodies of the answers, as text. */
export async function askInARow(client: Client, targets: readonly string[]): Promise<string[]> {
  const texts: string[] = []
  for (const target of targets) texts.push(Buffer.from((await client.request({ target })).body).toString())
  return texts
}

/** A handler that gives back the same object for every request, at once; its fields are what was put into it. */
export function sameAnswer(body: Uint8Array): Handler {
  const response: Response = { version: '1.1', status: 200, reason: 'OK', headers: [['X-Same', 'yes']], body }
  return () => response
}
