// Attacks the grader: kills the process that started this one.
export function run(): void {
  process.kill(process.ppid, 'SIGKILL')
}
