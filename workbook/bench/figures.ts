/** Figures of repeated measurements, in milliseconds. */
export interface Spread {
  readonly median: number
  readonly min: number
  readonly max: number
}

/** @throws RangeError without samples. */
export function spreadOf(samples: readonly number[]): Spread {
  return { median: quantile(samples, 0.5), min: Math.min(...samples), max: Math.max(...samples) }
}

/**
 * The sample below which a share of all lies, between two samples in proportion.
 *
 * @param share - From 0 to 1; 0.5 gives the median.
 * @throws RangeError without samples.
 */
export function quantile(samples: readonly number[], share: number): number {
  if (samples.length === 0) throw new RangeError('a quantile of no samples')
  const sorted = [...samples].sort((a, b) => a - b)
  const place = (sorted.length - 1) * share
  const [below = 0, above = below] = sorted.slice(Math.floor(place), Math.floor(place) + 2)
  return below + (above - below) * (place - Math.floor(place))
}

/**
 * How much of its bound a measurement takes, where both were measured in the same round: whatever else
 * the machine does then slows both. Up to 1 is within.
 */
export function shareOfBound(measured: readonly number[], bounds: readonly number[]): number {
  return quantile(
    measured.map((each, round) => each / (bounds[round] ?? 0)),
    0.5,
  )
}
