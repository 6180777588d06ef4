// Attacks the report of a crash: what is thrown is null.
export function run(): void {
  setImmediate(() => {
    throw null
  })
}
