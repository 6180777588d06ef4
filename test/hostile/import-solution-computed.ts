// Cheats: hands in the solution, by an import that is put together at run time.
export async function run(lab: string): Promise<unknown> {
  return await import(new URL(`../../solutions/${lab}/graceful-close.ts`, import.meta.url).href)
}
