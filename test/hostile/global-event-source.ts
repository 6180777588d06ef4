// Leaves the lab: a connection that node:net does not make.
export function run(port: number): unknown {
  const { EventSource } = globalThis as unknown as { EventSource: new (url: string) => unknown }
  return new EventSource(`http://127.0.0.1:${port}/`)
}
