/** Made beside the learner's program: what has to run there. */

/** A clock that stands at `start` now, and goes on with virtual time. */
export function clockAt(start: number): () => number {
  const begin = performance.now()
  return () => start + performance.now() - begin
}
