import { afterAll } from 'vitest'
import { dismissSpare, warmUp } from '../../learner/spare.ts'
import { receiveLabs } from '../lab.ts'
import { makeTests } from './tests.ts'

/** Set-up file for an editor's Vitest, which starts its threads itself (vitest.config.ts). */

warmUp()
afterAll(dismissSpare)
receiveLabs((definition) => makeTests(definition))
