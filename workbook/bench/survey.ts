import { root } from '../bundle/root.ts'
import { CourseError } from '../course/course-error.ts'
import { readCourse } from '../course/course.ts'
import { loadSuite } from '../grading/suites.ts'
import { killTheRestAtExit } from '../learner/pids.ts'
import { stayWithParent } from './child.ts'
import { progressOn } from './progress.ts'
import type { SurveyPlan } from './survey/plan.ts'
import { isClean, surveyOf, type Survey } from './survey/survey.ts'
import { SurveyError } from './survey/survey-error.ts'
import { progressLine, surveyLines, TABLE_HEAD, tableRow } from './survey/words.ts'

/**
 * A program under tsx: grades every small change of the references. Exit code 0 where all that survives has
 * its reason, 1 where not, 2 where a survey cannot be made.
 */

killTheRestAtExit()
stayWithParent()
const plan = JSON.parse(process.argv[2] ?? '') as SurveyPlan
const progress = progressOn(process.stderr)
process.exit(await run())

// --- internal ---

async function run(): Promise<number> {
  const surveys: Survey[] = []
  try {
    if (plan.show === 'scores') console.log(TABLE_HEAD)
    for await (const survey of surveysOf()) {
      progress.clear()
      if (plan.show !== 'json') console.log(shown(survey))
      surveys.push(survey)
    }
  } catch (error) {
    progress.clear()
    console.error(explain(error))
    return 2
  }
  if (plan.show === 'json') console.log(JSON.stringify(surveys, null, 2))
  return surveys.every(isClean) ? 0 : 1
}

async function* surveysOf(): AsyncGenerator<Survey> {
  const { labs } = readCourse(root)
  for (const { id, requirements } of plan.labs) {
    const lab = labs.find((each) => each.id === id)
    if (!lab) continue
    const suite = await loadSuite(root, id)
    yield await surveyOf(root, lab, suite, { requirements, seed: plan.seed }, (tally, all) =>
      progress.say(progressLine(lab.number, tally, all)),
    )
  }
}

function shown(survey: Survey): string {
  return plan.show === 'scores' ? tableRow(survey) : `${surveyLines(survey).join('\n')}\n`
}

function explain(error: unknown): string {
  if (error instanceof SurveyError) return `${error.message}\nNext: ${error.next}\n(E_SURVEY)`
  if (error instanceof CourseError) return `${error.message}\n(${error.code})`
  return `This should not happen: a fault of the workbook's. Please report it with these lines.\n${error instanceof Error ? error.stack : String(error)}`
}
