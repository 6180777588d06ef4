// Attacks the machine: starts a process by Node's inner binding.
type Binding = { Process: new () => { spawn(options: object): number } }

export function run(): number {
  const { Process } = (process as unknown as { binding(name: string): Binding }).binding('process_wrap')
  return new Process().spawn({ file: 'sleep', args: ['sleep', '31337.2'], detached: true, stdio: [] })
}
