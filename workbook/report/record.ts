import type { WireEvent } from '../wire/transcript.ts'
import type { CheckResult, LabResult } from './result.ts'

/**
 * What the last run of a lab showed, wire and all, so that a ladder can be drawn again. It is kept in
 * `.workbook/runs/`, and is never more than a memory: what has changed since is graded anew.
 */
export interface LabRecord {
  readonly format: 1
  readonly lab: string
  /** Requirement id → its last run. */
  readonly requirements: Readonly<Record<string, RequirementRecord>>
}

export interface RequirementRecord {
  /** When it was graded, in ISO 8601. */
  readonly when: string
  readonly seed: number
  /** Stands for the files that were graded, and for the suite. */
  readonly of: string
  readonly checks: readonly CheckResult[]
}

/** What was graded now replaces what the record held of it; the rest stays. */
export function addToRecord(
  before: LabRecord | null,
  { lab, requirements }: LabResult,
  run: Omit<RequirementRecord, 'checks'>,
): LabRecord {
  const graded = requirements.map(({ requirement, checks }) => [requirement.id, { ...run, checks }] as const)
  return {
    format: 1,
    lab: lab.id,
    requirements: { ...before?.requirements, ...Object.fromEntries(graded) },
  }
}

/** One line of JSON; bytes stand as text of one character each. */
export function recordToText(record: LabRecord): string {
  const runs = Object.entries(record.requirements).map(([id, run]) => {
    return [id, { ...run, checks: run.checks.map(plainCheck) }] as const
  })
  return `${JSON.stringify({ ...record, requirements: Object.fromEntries(runs) })}\n`
}

/** @returns Null for a text that is no record: whoever asked grades anew. */
export function recordFromText(text: string): LabRecord | null {
  try {
    const read = JSON.parse(text, (_key, value: unknown) => bytesOr(value)) as LabRecord
    return isRecord(read) ? read : null
  } catch {
    return null
  }
}

// --- internal ---

function plainCheck({ title, verdict }: CheckResult): object {
  const wire = verdict.wire.map((event) => {
    return event.kind === 'data' ? { ...event, bytes: { latin1: textOf(event.bytes) } } : event
  })
  return { title, verdict: { ...verdict, wire } }
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
}

function bytesOr(value: unknown): unknown {
  const text = (value as { latin1?: unknown } | null)?.latin1
  return typeof text === 'string' ? Uint8Array.from(Buffer.from(text, 'latin1')) : value
}

function isRecord(read: Partial<LabRecord> | null): boolean {
  if (read?.format !== 1 || typeof read.lab !== 'string') return false
  return Object.values(read.requirements ?? {}).every(isRun)
}

function isRun({ when, seed, of, checks }: Partial<RequirementRecord>): boolean {
  if (typeof when !== 'string' || typeof of !== 'string' || !Number.isInteger(seed)) return false
  return Array.isArray(checks) && checks.every(isCheck)
}

/** Broken by hand, it is no record; the events themselves are trusted to be what was written. */
function isCheck(check: Partial<CheckResult> | null): boolean {
  const wire: unknown = check?.verdict?.wire
  return typeof check?.title === 'string' && Array.isArray(wire) && wire.every(isEvent)
}

function isEvent(event: Partial<WireEvent> | null): boolean {
  if (typeof event?.kind !== 'string') return false
  return event.kind !== 'data' || event.bytes instanceof Uint8Array
}
