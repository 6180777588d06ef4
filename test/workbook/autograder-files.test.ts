import fs from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { root as origin } from '../../workbook/bundle/root.ts'
import { bringAutograder, type Autograder } from '../../workbook/handout/autograder.ts'
import { spawnIn } from './handout-folder.ts'
import { make, OLD } from './student-copy.ts'

/** What the autograders' folders hold: workflows and manifests that parse, and promise what they should. */

let folder: string
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(tmpdir(), 'autograder-'))
  onTestFinished(() => fs.rmSync(folder, { recursive: true, force: true }))
})

function bring(kind: Autograder): void {
  bringAutograder(origin, kind, folder, make('1.0.0', OLD))
}

function read(file: string): string {
  return fs.readFileSync(path.join(folder, file), 'utf8')
}

describe('GitHub Actions', () => {
  const WORKFLOWS = ['.github/workflows/grade.yml', 'for-each-repository/grade.yml']

  test.each(WORKFLOWS)('%s pins its actions by commit, and may only read', (file) => {
    bring('actions')
    const [document] = parseAllDocuments(read(file))
    const workflow = document?.toJS()
    const steps: Array<{ uses?: string; with?: Record<string, unknown> }> = Object.values<{ steps: [] }>(
      workflow.jobs,
    ).flatMap((job) => job.steps)
    const used = steps.flatMap(({ uses }) => uses ?? [])
    expect(document?.errors).toEqual([])
    expect(workflow.permissions).toEqual({ contents: 'read' })
    expect(used.length).toBeGreaterThan(2)
    expect(used.filter((uses) => !/^actions\/[a-z-]+@[0-9a-f]{40}$/.test(uses))).toEqual([])
    const checkouts = steps.filter(({ uses }) => uses?.startsWith('actions/checkout@'))
    expect(checkouts.map((step) => step.with?.['persist-credentials'])).toEqual(checkouts.map(() => false))
  })

  test.each(WORKFLOWS)('%s grades with the course of the grader, not with that of the submission', (file) => {
    bring('actions')
    expect(read(file)).toContain('bash grader/grade-submission.sh submission results')
    expect(read(file)).not.toMatch(/working-directory: submission|pull_request_target/)
  })

  test('the matrix comes of the list', async () => {
    bring('actions')
    fs.writeFileSync(
      path.join(folder, 'submissions.txt'),
      '# A class\n\nclass/alice\nclass/bob 3f2a9c1 # late\n',
    )
    const { stdout, code } = await spawnIn(folder, process.execPath, [
      'list-submissions.mjs',
      'submissions.txt',
    ])
    expect(JSON.parse(stdout)).toEqual([
      { repository: 'class/alice', ref: '', artifact: 'class--alice' },
      { repository: 'class/bob', ref: '3f2a9c1', artifact: 'class--bob' },
    ])
    expect(code).toBe(0)
  })

  test.each([
    ['# nobody\n', 'there is no submission'],
    ['class/alice\n$(rm -rf /)\n', 'line 2 is no OWNER/REPOSITORY'],
    ['class/alice\n'.repeat(257), '257 are more than the 256 jobs'],
  ])('a list that is wrong is told: %#', async (list, said) => {
    bring('actions')
    fs.writeFileSync(path.join(folder, 'submissions.txt'), list)
    const { stderr, code } = await spawnIn(folder, process.execPath, [
      'list-submissions.mjs',
      'submissions.txt',
    ])
    expect(stderr).toContain(said)
    expect(code).toBe(2)
  })
})

test('the job of a cluster is an Indexed Job without rights, and a policy without a network', () => {
  bring('cluster')
  const documents = parseAllDocuments(read('job.yaml'))
  const [job, policy] = documents.map((document) => document.toJS())
  expect(documents.flatMap(({ errors }) => errors)).toEqual([])
  expect([job.kind, job.spec.completionMode, policy.kind]).toEqual(['Job', 'Indexed', 'NetworkPolicy'])
  const { spec } = job.spec.template
  expect(spec).toMatchObject({ restartPolicy: 'Never', automountServiceAccountToken: false })
  expect(spec.securityContext).toMatchObject({ runAsNonRoot: true })
  expect(spec.containers[0].securityContext).toEqual({
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ['ALL'] },
  })
  expect(policy.spec).toMatchObject({ policyTypes: ['Ingress', 'Egress'] })
  expect([policy.spec.ingress, policy.spec.egress]).toEqual([undefined, undefined])
})

describe('an autograder’s folder', () => {
  test.each([
    ['gradescope', ['run_autograder', 'setup.sh', 'grade-submission.sh']],
    ['actions', ['grade-submission.sh']],
    ['cluster', ['grade-one.sh', 'grade-submission.sh']],
  ] as const)('of %s has scripts that can be started and that bash can read', async (kind, programs) => {
    bring(kind)
    for (const program of programs) {
      expect(fs.statSync(path.join(folder, program)).mode & 0o111).toBe(0o111)
      expect(await spawnIn(folder, 'bash', ['-n', program])).toEqual({ code: 0, stdout: '', stderr: '' })
    }
  })

  test.each(['gradescope', 'actions', 'cluster'] as const)(
    'of %s has flags to set, and says where',
    (kind) => {
      bring(kind)
      expect(
        read('flags.txt')
          .split('\n')
          .filter((line) => !/^(?:#|$)/.test(line)),
      ).toEqual([])
      expect(read('README.md')).toContain('`flags.txt`')
      expect(read('README.md').replace(/\s+/g, ' ')).toContain('hidden requirements included')
    },
  )

  test('brought again keeps what the teacher has put there, and a copy of what was changed', () => {
    bring('actions')
    fs.writeFileSync(path.join(folder, 'submissions.txt'), 'class/alice\n')
    fs.writeFileSync(path.join(folder, 'flags.txt'), '--stdout visible\n')
    fs.writeFileSync(path.join(folder, 'grade-submission.sh'), '# mine\n')
    bring('actions')
    const [backup = ''] = fs.readdirSync(path.join(folder, '.backup'))
    expect([read('submissions.txt'), read('flags.txt')]).toEqual(['class/alice\n', '--stdout visible\n'])
    expect(read(`.backup/${backup}/grade-submission.sh`)).toBe('# mine\n')
    expect(read('grade-submission.sh')).toContain('grade-submission.sh SUBMISSION RESULTS')
  })

  test('over something else is refused', () => {
    fs.writeFileSync(path.join(folder, 'thesis.tex'), 'mine')
    expect(() => bring('actions')).toThrow(expect.objectContaining({ code: 'E_OUT_TAKEN' }))
    expect(fs.readdirSync(folder)).toEqual(['thesis.tex'])
  })
})
