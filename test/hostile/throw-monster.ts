// Attacks the report of a crash: an error whose every property is a trap.
export function run(): void {
  const error = new Error('monster')
  const get = (): never => {
    throw new Error('a trap')
  }
  for (const name of ['stack', 'name', 'message', 'code', 'cause', 'own']) {
    Object.defineProperty(error, name, { enumerable: true, get })
  }
  setImmediate(() => {
    throw error
  })
}
