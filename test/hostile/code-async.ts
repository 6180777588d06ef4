// Runs code made from text, by a constructor that has no name.
export async function run(): Promise<unknown> {
  const { constructor: AsyncFunction } = Object.getPrototypeOf(async () => undefined) as {
    constructor: new (body: string) => () => Promise<unknown>
  }
  return await new AsyncFunction("return import('node:fs')")()
}
