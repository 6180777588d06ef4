// Attacks the report: stacks that are no text, and a limit of none.
Error.stackTraceLimit = 0
const asked = Error as unknown as { prepareStackTrace(error: Error, sites: unknown[]): unknown }
asked.prepareStackTrace = (error, sites) => ({ error, sites })

export function run(): void {
  throw new Error('thrown with a stack that is an object')
}
