// Attacks the grader's ears: calls a call-back without end.
export async function run(callback: (value: string) => Promise<void>): Promise<void> {
  for (;;) {
    void callback('x'.repeat(1000))
    await new Promise(setImmediate)
  }
}
