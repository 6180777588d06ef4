// Attacks virtual time: a timer of no time that sets itself again.
export function run(): void {
  setTimeout(run, 0)
}
