import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { suiteFilesOf } from '../course/suite-files.ts'
import { receiveLabs, type LabDefinition } from './lab.ts'

/**
 * Loads a suite without Vitest, for everything that grades the suites themselves. Only where
 * TypeScript can be imported: in Vitest's own worker, or under a loader.
 */
export async function loadSuite(root: string, id: string): Promise<LabDefinition> {
  const received: LabDefinition[] = []
  receiveLabs((definition) => void received.push(definition))
  const { suite } = suiteFilesOf(root, id)
  await import(pathToFileURL(path.join(root, suite)).href)
  receiveLabs(null)
  const [definition] = received
  if (!definition || definition.id !== id) throw new Error(`${suite} defines no lab("${id}")`)
  return definition
}
