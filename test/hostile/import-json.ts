// Reads a file outside labs/ as data.
import data from '../../package.json' with { type: 'json' }

export function run(): unknown {
  return data
}
