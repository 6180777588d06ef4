import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** These grade every known program of every lab. */
const LONGEST = /\/(?:labs|right-programs)\.test\.ts$/

/** What takes longest begins first: otherwise one worker would be left alone with it at the end. */
export default class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    const isLong = ({ moduleId }: TestSpecification): boolean => LONGEST.test(moduleId)
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))]
  }
}
