import path from 'node:path'
import { fileURLToPath } from 'node:url'

/** Absolute path of the checkout; a bundle stands elsewhere and is told by cli/start.mjs. */
export const root = process.env['WORKBOOK_ROOT'] ?? path.resolve(fileURLToPath(import.meta.url), '../../..')
