/**
 * Prints the matrix of grade.yml: `node list-submissions.mjs submissions.txt`. A line is
 * `OWNER/REPOSITORY` or `OWNER/REPOSITORY REF`; empty lines and those behind `#` are passed over.
 */
import fs from 'node:fs'

const MOST_JOBS = 256
const [file = 'submissions.txt'] = process.argv.slice(2)
const lines = fs.readFileSync(file, 'utf8').split('\n')
const submissions = lines.flatMap((line, index) => {
  const text = line.replace(/#.*/, '').trim()
  if (text === '') return []
  const [, repository, ref = ''] =
    /^([\w.-]+\/[\w.-]+)(?:\s+([\w./-]+))?$/.exec(text) ?? giveUp(`line ${index + 1} is no OWNER/REPOSITORY`)
  return [{ repository, ref, artifact: repository.replace('/', '--') }]
})
if (submissions.length === 0) giveUp('there is no submission')
if (submissions.length > MOST_JOBS)
  giveUp(`${submissions.length} are more than the ${MOST_JOBS} jobs of one matrix`)
process.stdout.write(`${JSON.stringify(submissions)}\n`)

function giveUp(why) {
  process.stderr.write(`${file}: ${why}\n`)
  process.exit(2)
}
