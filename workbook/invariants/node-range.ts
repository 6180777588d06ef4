/**
 * Whether a range of package.json's `engines` admits a version, such as `^20.19.0 || >=22.12.0`. It
 * knows what is written there in practice; anything else admits nothing, and so is seen.
 *
 * @param version - For example `20.19`.
 */
export function admits(range: string, version: string): boolean {
  return range.split('||').some((all) => comparators(all).every((one) => holds(one, numbers(version))))
}

// --- internal ---

type Version = readonly [major: number, minor: number, patch: number]

/** `>= 12 <14` is two comparators; a space behind the operator means nothing. */
function comparators(range: string): string[] {
  return range
    .trim()
    .replace(/([<>=^~])\s+/g, '$1')
    .split(/\s+/)
}

function holds(comparator: string, version: Version): boolean {
  const [, operator = '', text = ''] = /^(>=|<=|>|<|\^|~|=|)v?(\d[\d.]*|\*)$/.exec(comparator) ?? []
  if (text === '*') return true
  if (text === '') return false
  const limit = numbers(text)
  const order = compare(version, limit)
  if (operator === '>=') return order >= 0
  if (operator === '<=') return order <= 0
  if (operator === '>') return order > 0
  if (operator === '<') return order < 0
  if (operator === '~') return order >= 0 && version[0] === limit[0] && version[1] === limit[1]
  // `^20.19.0` is 20 from there on; `20` alone is any 20.
  return order >= 0 && version[0] === limit[0]
}

function numbers(text: string): Version {
  const [major = 0, minor = 0, patch = 0] = text.split('.').map(Number)
  return [major, minor, patch]
}

function compare(a: Version, b: Version): number {
  return a[0] - b[0] || a[1] - b[1] || a[2] - b[2]
}
