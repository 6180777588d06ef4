import { root } from '../bundle/root.ts'
import { keepColours, readColours } from '../site/highlight.ts'
import { outputOf } from '../site/places.ts'
import { Site } from '../site/site.ts'
import { stayWithParent, tellParent } from './child.ts'
import type { DocsSamples } from './site.ts'

/**
 * A program under tsx: builds the pages once, as `npm run docs:build` does, and then once more after each
 * of several changes to the longest page. Its first argument is `kept` if the colours of an earlier build
 * may be used, and the second is the number of changes.
 */

stayWithParent()
const [, , colours, changes] = process.argv
const started = performance.now()
if (colours === 'kept') readColours(root)
const site = new Site(root)
const output = await site.build()
for (const content of output.values()) content()
const full = performance.now() - started
// For the build that may use them.
keepColours(root)
const [file, text] = longest()
const rebuilds: number[] = []
for (let change = 1; change <= Number(changes); change++) {
  site.files.pretend(file, `${text}\nOne sentence more, number ${change}.\n`)
  const before = performance.now()
  const page = (await site.build()).get(outputOf(file))?.() ?? ''
  rebuilds.push(performance.now() - before)
  if (!page.includes(`number ${change}.`)) throw new Error(`${file} was not built again`)
}
const pages = [...output.keys()].filter((each) => each.endsWith('.html')).length
await tellParent({ pages, full, page: file, rebuilds } satisfies DocsSamples)
process.exit()

// --- internal ---

function longest(): [file: string, text: string] {
  const folders = ['docs', ...site.files.names('labs').map((lab) => `labs/${lab}`)]
  const files = folders.flatMap((folder) => site.files.names(folder).map((name) => `${folder}/${name}`))
  const texts = files
    .filter((each) => output.has(outputOf(each)) && each.endsWith('.md'))
    .map((each): [string, string] => [each, site.files.text(each)])
  return texts.reduce((one, other) => (other[1].length > one[1].length ? other : one))
}
