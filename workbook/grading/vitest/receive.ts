import { afterAll } from 'vitest'
import { dismissSpares, warmUp } from '../../learner/spare.ts'
import { receiveLabs } from '../lab.ts'
import { makeTests } from './tests.ts'

/** Set-up file for an editor's Vitest, which starts its threads itself (vitest.config.ts). */

warmUp()
afterAll(dismissSpares)
receiveLabs((definition) => makeTests(definition))
