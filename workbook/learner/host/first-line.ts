import inspector from 'node:inspector'

/**
 * Under the debugger, a program stops where it is first called: nobody has to know where to set a breakpoint. A session
 * of our own sets it on the function itself, and whichever debugger is attached sees the stop.
 */

let isArmed = false

/** From here on the next call stops at its first line. */
export function stopAtNextCall(): void {
  isArmed = true
}

/** Calls it, and stops in its first line where that was wanted. */
export function callFromFirstLine<T>(target: unknown, call: () => T): T {
  if (!isArmed) return call()
  isArmed = false
  const session = new inspector.Session()
  session.connect()
  try {
    session.post('Debugger.enable')
    breakOn(session, target)
    return call()
  } finally {
    // With the session goes its breakpoint.
    session.disconnect()
  }
}

// --- internal ---

const PLACE = 'socketWorkbookStopsAt'

/** The protocol finds objects by expressions alone, and answers at once within one process. */
function breakOn(session: inspector.Session, target: unknown): void {
  const globals = globalThis as Record<string, unknown>
  globals[PLACE] = target
  session.post('Runtime.evaluate', { expression: PLACE }, (_, evaluated) => {
    const { objectId } = evaluated?.result ?? {}
    if (objectId !== undefined) session.post('Debugger.setBreakpointOnFunctionCall', { objectId })
  })
  delete globals[PLACE]
}
