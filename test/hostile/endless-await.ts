// Attacks the load: a top-level await that nothing will ever settle.
await new Promise(() => undefined)
export function run(): void {}
