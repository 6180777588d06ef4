// Attacks the names that every program stands on.
// oxlint-disable-next-line typescript/no-unnecessary-type-assertion -- the attack
globalThis.Map = class extends Map {} as MapConstructor
globalThis.Promise = class extends Promise<unknown> {} as PromiseConstructor

export function run(): string {
  return 'done'
}
