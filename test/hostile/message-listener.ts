// Attacks the line to the grader: listens to its orders.
const heard: unknown[] = []
process.on('message', (message) => heard.push(message))
process.on('internalMessage' as 'message', (message) => heard.push(message))

export async function run(): Promise<number> {
  for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate)
  return heard.length
}
