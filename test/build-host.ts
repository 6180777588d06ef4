import { bundle } from '../workbook/bundle/bundle.mjs'
import { HOST_BUNDLE } from '../workbook/bundle/parts.mjs'
import { COMPILER_VARIABLE, HOST_VARIABLE } from '../workbook/learner/bundles.ts'

/** Vitest's global set-up: builds the programs that learner processes and the compiler's run. */
export default async function buildHost(): Promise<void> {
  const paths = await bundle(HOST_BUNDLE)
  process.env[HOST_VARIABLE] = paths['host.cjs']
  process.env[COMPILER_VARIABLE] = paths['compiler.cjs']
}
