/** Whether a line that is written there can be written over: a dumb terminal shows the codes for it as text. */
export function rewrites(
  stream: { readonly isTTY?: boolean },
  env: NodeJS.ProcessEnv = process.env,
): boolean {
  return stream.isTTY === true && env['TERM'] !== 'dumb'
}
