// Attacks the disk: writes a file, by fs as the platform has it.
import { writeFileSync } from 'node:fs'

export function run(): void {
  writeFileSync('/tmp/socket-workbook-was-here', 'x')
}
