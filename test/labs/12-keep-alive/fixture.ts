/** Asks from within the learner's process, where nothing stands between an answer and the next request. */

interface Client {
  request(request: { target: string }): Promise<{ body: Uint8Array }>
}

/** @returns The bodies of the answers, as text. */
export async function askInARow(client: Client, targets: readonly string[]): Promise<string[]> {
  const texts: string[] = []
  for (const target of targets) texts.push(Buffer.from((await client.request({ target })).body).toString())
  return texts
}
