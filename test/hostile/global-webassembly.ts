// Leaves the language.
type Platform = { WebAssembly: { Module: new (bytes: Uint8Array) => object } }

export function run(): object {
  const { WebAssembly } = globalThis as unknown as Platform
  return new WebAssembly.Module(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0))
}
