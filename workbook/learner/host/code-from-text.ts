import { forbidden } from './forbidden.ts'

/**
 * Switches off eval and the four constructors that make functions from text, those without a name
 * too. V8 has a flag for it, but a flag of V8's makes Node compile all of its own modules anew, which
 * costs a quarter of a learner process's start.
 */
export function refuseCodeFromText(): void {
  const refused = forbidden('code made from text', 'write it as code')
  Object.defineProperty(globalThis, 'eval', { value: refused, writable: false, configurable: false })
  for (const kind of kinds()) {
    const prototype = Object.getPrototypeOf(kind) as object
    const constructor = forbidden('code made from text', 'write it as code')
    // So that `instanceof Function` goes on telling what a function is.
    Object.defineProperty(constructor, 'prototype', { value: prototype, writable: false })
    Object.defineProperty(prototype, 'constructor', {
      value: constructor,
      writable: false,
      configurable: false,
    })
  }
  const { constructor: standIn } = Function.prototype
  Object.defineProperty(globalThis, 'Function', { value: standIn, writable: false, configurable: false })
}

// --- internal ---

function kinds(): object[] {
  return [
    function plain() {},
    async function later() {},
    function* several() {},
    async function* severalLater() {},
  ]
}
