import { report } from './channel.ts'

/** A function that reports itself as forbidden, and throws. */
export function forbidden(what: string, instead: string): () => never {
  return function notInALab(): never {
    const error = Object.assign(new Error(`${what} is not available in a lab: ${instead}`), {
      code: 'WORKBOOK_FORBIDDEN',
    })
    report({ event: 'forbidden', what: `${what}: ${instead}`, stack: String(error.stack) })
    throw error
  }
}

/** libuv's EACCES: the program sees a refused permission, the grader sees why. */
export const EACCES = -13

/** For the methods of handles, which answer with the system's error numbers. */
export function refuse(what: string, stack = String(new Error().stack)): number {
  report({ event: 'forbidden', what, stack })
  return EACCES
}
