// Is asked to make each part of a buffer, and could keep what it is made from.
class Kept extends Uint8Array {}
Buffer.prototype.constructor = { [Symbol.species]: Kept } as never

export const run = (): string => 'done'
