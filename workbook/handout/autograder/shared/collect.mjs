/**
 * Takes a submission's own files and nothing else: `node collect.mjs SUBMISSION COURSE`.
 *
 * COURSE is a handout. The file of each lab, what stands beside it, and its predictions are copied from the
 * submission into it; the suites, the kit and the tool stay the course's. What the submission lacks is the
 * starter. Links are not followed, and nothing is taken that is larger than a program can be.
 */
import fs from 'node:fs'
import path from 'node:path'

const LARGEST_BYTES = 1_048_576
const MOST_ENTRIES = 50_000
const DEEPEST = 12
const NOT_THEIRS = new Set(['node_modules', '.git', '.backup', '__MACOSX'])

const [submission, course] = process.argv.slice(2)
if (!submission || !course) {
  process.stderr.write('node collect.mjs SUBMISSION COURSE\n')
  process.exit(2)
}
const { learner } = JSON.parse(fs.readFileSync(path.join(course, 'handout.json'), 'utf8'))
const files = filesBelow(submission)
let taken = 0
for (const wanted of Object.keys(learner)) {
  if (wanted.endsWith('.ts')) restore(wanted)
  const found = find(wanted)
  if (found === null) continue
  for (const file of wanted.endsWith('.ts') ? beside(found) : [found]) copy(file, path.posix.dirname(wanted))
  if (wanted.endsWith('.ts')) taken++
}
const labs = Object.keys(learner).filter((file) => file.endsWith('.ts')).length
process.stdout.write(`${taken} of ${labs} labs' files are in the submission.\n`)

/** Regular files of the submission, with `/`. */
function filesBelow(root) {
  const found = []
  const waiting = ['']
  let entries = 0
  for (let folder = waiting.shift(); folder !== undefined; folder = waiting.shift()) {
    for (const entry of fs.readdirSync(path.join(root, folder), { withFileTypes: true })) {
      if (++entries > MOST_ENTRIES) throw new Error(`the submission holds more than ${MOST_ENTRIES} files`)
      const file = path.posix.join(folder, entry.name)
      if (entry.isFile()) found.push(file)
      else if (entry.isDirectory() && !NOT_THEIRS.has(entry.name) && file.split('/').length < DEEPEST)
        waiting.push(file)
    }
  }
  return found.sort((a, b) => (a < b ? -1 : 1))
}

/** An earlier run in the same place leaves nothing for this one. */
function restore(wanted) {
  const folder = path.posix.dirname(wanted)
  for (const name of fs.readdirSync(path.join(course, folder))) {
    if (name.endsWith('.ts')) fs.rmSync(path.join(course, folder, name), { recursive: true })
  }
  fs.copyFileSync(path.join(course, folder, '.starter'), path.join(course, wanted))
}

/** In `labs/NN-name/`, else in `NN-name/`, else a program by its name alone; the least deep of each. */
function find(wanted) {
  const [, lab, name] = wanted.split('/')
  const ends = [`/labs/${lab}/${name}`, `/${lab}/${name}`, ...(name.endsWith('.ts') ? [`/${name}`] : [])]
  for (const end of ends) {
    const named = files.filter((file) => `/${file}`.endsWith(end))
    const least = Math.min(...named.map((file) => file.split('/').length))
    const [first, second] = named.filter((file) => file.split('/').length === least)
    if (first !== undefined && second === undefined) return first
    if (first === undefined) continue
    process.stdout.write(`Neither is taken, as either could be meant: ${first} and ${second}.\n`)
    return null
  }
  return null
}

/** The program, and further modules of it in a folder that is the lab's own. */
function beside(program) {
  const folder = path.posix.dirname(program)
  if (!/(?:^|\/)\d\d-[^/]+$/.test(folder)) return [program]
  return files.filter((file) => path.posix.dirname(file) === folder && file.endsWith('.ts'))
}

function copy(file, folder) {
  const from = path.join(submission, file)
  const { size } = fs.lstatSync(from)
  if (size <= LARGEST_BYTES) fs.copyFileSync(from, path.join(course, folder, path.posix.basename(file)))
  else process.stdout.write(`${file} is not taken: ${size} bytes are more than a program has.\n`)
}
