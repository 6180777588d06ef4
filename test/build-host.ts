import { bundle } from '../workbook/bundle/bundle.mjs'
import { HOST_BUNDLE } from '../workbook/bundle/parts.mjs'
import { HOST_VARIABLE } from '../workbook/learner/host-bundle.ts'

/** Vitest's global set-up: builds the child program that learner processes run. */
export default async function buildHost(): Promise<void> {
  process.env[HOST_VARIABLE] = (await bundle(HOST_BUNDLE))['host.cjs']
}
