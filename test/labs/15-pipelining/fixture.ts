import type { Handler, Response } from '../../../labs/kit/http.ts'

/**
 * A handler beside the learner's program: it answers at once and not with a promise, and always with the same object,
 * which nobody may change.
 */
export function answersAtOnce(bodies: Readonly<Record<string, Uint8Array>>): Handler {
  const responses = Object.entries(bodies).map(([target, body]) => [target, frozen(body)] as const)
  const byTarget = new Map(responses)
  return ({ target }) => byTarget.get(target) ?? frozen(new Uint8Array())
}

function frozen(body: Uint8Array): Response {
  const headers = Object.freeze([Object.freeze(['X-Answer', 'at once'] as const)])
  return Object.freeze({ version: '1.1', status: 200, reason: 'OK', headers, body })
}
