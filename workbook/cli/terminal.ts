import type { ReportOptions } from '../report/options.ts'

/** How the terminal is, for the reports; they look at no environment themselves. */
export function terminal(): ReportOptions {
  const { stdout, env } = process
  const color = stdout.isTTY === true && !env['NO_COLOR'] && env['TERM'] !== 'dumb'
  return { color, width: stdout.columns ?? 80 }
}

/** Writes it all, also where the output is a pipe and the process ends right after. */
export function print(text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(text, (error) => {
      // The reader has gone (`| head`): nobody misses the rest.
      if (error && (error as NodeJS.ErrnoException).code !== 'EPIPE') reject(error)
      else resolve()
    })
  })
}
