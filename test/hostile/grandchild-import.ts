// Attacks the machine: starts a process that would outlive the check.
import { spawn } from 'node:child_process'

export function run(): void {
  spawn('sleep', ['31337.1'], { detached: true, stdio: 'ignore' })
}
