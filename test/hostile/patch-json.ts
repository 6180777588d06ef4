// Attacks whatever is told as JSON.
JSON.stringify = () => 'true'

export function run(): string[] {
  return ['done']
}
