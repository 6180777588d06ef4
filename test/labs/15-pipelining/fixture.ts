import type { Handler, Request, Response } from '../../../labs/kit/http.ts'

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

/** It gives one answer to every `/fill`, at once; the suite is asked for all others. */
export function fills(body: Uint8Array, others: Handler): Handler {
  const response = frozen(body)
  return (request) => (request.target === '/fill' ? response : others(request))
}

/** A request that stays the same object, however often it stands in what a program is given: it is no plain one. */
export function sameRequest(request: Request): object {
  return Object.assign(Object.create({}) as object, request)
}
