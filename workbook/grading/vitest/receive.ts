import { afterAll } from 'vitest'
import { dismissAll } from '../../learner/kept.ts'
import { warmUp } from '../../learner/spare.ts'
import { receiveLabs } from '../lab.ts'
import { makeTests } from './tests.ts'

/** Set-up file for an editor's Vitest, which starts its threads itself (vitest.config.ts). */

warmUp()
afterAll(dismissAll)
receiveLabs((definition) => makeTests(definition))
