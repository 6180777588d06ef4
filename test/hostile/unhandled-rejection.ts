// Attacks the check: a promise that rejects and that nobody looks at.
export function run(): void {
  void Promise.reject(new Error('nobody looks'))
}
