import type { Asked, Broken, SeenConnection } from './state.ts'

export { unlikeResponse } from '../12-keep-alive/client-messages.ts'

/** What a request and a response have to be. */

export function unlikeRequest(
  asked: Asked,
  request: SeenConnection['requests'][number],
  isRepeated: boolean,
): Broken | null {
  const where = `${isRepeated ? 'the second attempt' : 'the request'} of caller ${asked.name}`
  const wrong = (expected: string, saw: string): Broken => {
    return { requirement: isRepeated ? 'R9' : 'R1', expected: `${expected} in ${where}`, saw }
  }
  const line = (method: string, version: string) => `${method} ${asked.target} HTTP/${version}`
  if (request.method !== asked.method || request.version !== '1.1')
    return wrong(`"${line(asked.method, '1.1')}"`, `"${line(request.method, request.version)}"`)
  const missing = asked.fields.find(
    ([name, value]) =>
      !request.fields.some((field) => field[0].toLowerCase() === name.toLowerCase() && field[1] === value),
  )
  if (missing) return wrong(`the field ${missing.join(': ')}`, 'it without the field, or with another value')
  const hosts = request.fields.filter(([name]) => name.toLowerCase() === 'host').map(([, value]) => value)
  if (hosts.length !== 1 || hosts[0] !== asked.host)
    return wrong(`one Host field, ${asked.host}`, hosts.length > 0 ? hosts.join(' and ') : 'none')
  if (request.body.equals(asked.body)) return null
  const differ = request.body.length === asked.body.length ? ' that differ' : ''
  return wrong(`a body of ${asked.body.length} bytes`, `${request.body.length} bytes${differ}`)
}
