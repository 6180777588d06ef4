import type { Response } from '../../../labs/kit/http.ts'
import type { Call, Check } from '../../../workbook/grading/check.ts'
import type { FetchModel, Outcome } from './fetch-model.ts'
import { partsOf } from './requests.ts'

/** How a call of fetchWhole has settled, or has not. */

export function expectOutcome(
  c: Check,
  call: Call<Response> | null,
  { outcome: due, why, requirement, attempts }: FetchModel,
): void {
  const seen = call?.outcome ?? null
  const { expect, expectEqual, expectBytes } = c
  const saw = !seen
    ? 'it is pending, and your client idle'
    : seen.ok
      ? 'it has resolved'
      : `it has rejected: ${seen.error.code ?? seen.error.name}`
  const words = {
    pending: 'still pending',
    resolved: 'resolved',
    truncated: 'rejected with ETRUNCATED',
    lost: 'rejected with ECONNRESET',
    rejected: 'rejected',
  }
  const is = !seen ? 'pending' : seen.ok ? 'resolved' : 'rejected'
  const wanted = due.is === 'truncated' || due.is === 'lost' ? 'rejected' : due.is
  expect(is === wanted, `the call ${words[due.is]}: ${why}`, saw)
  if (!seen || due.is === 'pending') return
  if (!seen.ok) return expectError(c, due, seen.error, why)
  if (due.is !== 'resolved') return
  const value = (seen.value ?? {}) as Partial<Response>
  expectEqual(value.status, due.status, 'the status')
  const missing = missingOf(due.lines, value.headers)
  expectEqual(missing, [], 'the fields that are missing in the response')
  expectBytes(value.body ?? Buffer.alloc(0), due.content, `the body${attempts > 1 ? `, ${why}` : ''}`)
  if (requirement === 'R1')
    expect(!partsOf(value.headers).includes('x-interim: 1'), 'no field of an interim answer', 'X-Interim')
}

function expectError(
  c: Check,
  due: Outcome,
  error: { code?: string; name: string; [key: string]: unknown },
  why: string,
): void {
  const { expect, expectEqual, expectBytes } = c
  if (due.is === 'lost')
    return expect(error.code === 'ECONNRESET', `code ECONNRESET: ${why}`, String(error.code))
  if (due.is !== 'truncated') return
  expect(error.code === 'ETRUNCATED', `code ETRUNCATED: ${why}`, String(error.code))
  expectEqual(
    [error['received'], error['expected']],
    [due.content.length, due.expected],
    'received and expected',
  )
  const partial = (error['partial'] ?? {}) as Partial<Response>
  expectEqual(partial.status, due.status, 'the status of partial')
  expectEqual(missingOf(due.lines, partial.headers), [], 'the fields that are missing in partial')
  expectBytes(partial.body ?? Buffer.alloc(0), due.content, 'the body of partial')
}

function missingOf(lines: ReadonlyArray<readonly [string, string]>, headers: unknown): string[] {
  const there = partsOf(headers)
  const isFraming = (name: string) => /^(?:content-length|transfer-encoding)$/i.test(name)
  return lines
    .filter(([name]) => !isFraming(name))
    .map(([name, value]) => `${name.toLowerCase()}: ${value}`)
    .filter((line) => !there.includes(line))
}
