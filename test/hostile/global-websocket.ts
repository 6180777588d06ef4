// Leaves the lab: a connection that node:net does not make.
export function run(port: number): unknown {
  return new WebSocket(`ws://127.0.0.1:${port}/`)
}
