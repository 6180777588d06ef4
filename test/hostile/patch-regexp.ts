// Attacks the search for work in the thread pool.
RegExp.prototype.test = () => false

export function run(): string[] {
  return ['done']
}
