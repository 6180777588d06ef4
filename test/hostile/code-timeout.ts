// Runs code made from text, by a timer that takes text.
export function run(): void {
  setTimeout('process.exit(0)' as unknown as () => void, 1)
}
