/** What a submission may hold. A right one has a few hundred small files; a bomb has no end. */
export interface Bounds {
  /** Of the archive itself. */
  readonly archiveBytes: number
  /** Of what an archive unpacks to, what is passed over included. */
  readonly unpackedBytes: number
  /** Unpacked bytes for each packed one, looked at from `ratioFromBytes` on. */
  readonly ratio: number
  readonly ratioFromBytes: number
  /** Of the files that are written. */
  readonly keptBytes: number
  /** Of one file that is graded, or that a graded one imports. */
  readonly programBytes: number
  /** Of a predictions.md; a larger one is passed over, since it never costs anything. */
  readonly predictionBytes: number
  /** Files and folders, those that are passed over included. */
  readonly entries: number
  /** Files that are written. */
  readonly files: number
  /** Folders in folders. */
  readonly depth: number
}

const MIB = 1024 * 1024

export const BOUNDS: Bounds = {
  archiveBytes: 512 * MIB,
  unpackedBytes: 1024 * MIB,
  ratio: 100,
  ratioFromBytes: 8 * MIB,
  keptBytes: 64 * MIB,
  programBytes: MIB,
  predictionBytes: MIB / 16,
  entries: 100_000,
  files: 5_000,
  depth: 32,
}
