// Attacks the clock: sleeps in real time, without the event loop and without CPU.
export function run(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 60_000)
}
