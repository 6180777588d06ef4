import { CourseError } from '../course/course-error.ts'
import type { Lab, Prediction } from '../course/lab.ts'
import { readPredictions } from '../course/predictions.ts'

/**
 * The lab with the boxes that a submission has ticked, and never with those of the course's own copy. A
 * tick counts under the same question with the same choices. Where there is none, or where the file cannot
 * be read, no box is ticked: predictions never cost anything.
 *
 * @param root - Of the stage.
 */
export function withTicksOf(root: string, lab: Lab): Lab {
  const theirs = predictionsIn(root, lab)
  const predictions = lab.predictions.map((ours) => {
    const same = theirs.find((each) => isSame(each, ours))
    const choices = ours.choices.map((choice, index) => {
      return { ...choice, ticked: same?.choices[index]?.ticked ?? false }
    })
    return { ...ours, choices }
  })
  return { ...lab, predictions }
}

// --- internal ---

function predictionsIn(root: string, { id, predictions }: Lab): readonly Prediction[] {
  if (predictions.length === 0) return []
  try {
    return readPredictions(root, id)
  } catch (error) {
    if (error instanceof CourseError) return []
    throw error
  }
}

/** Of two labs whose files lie in one folder, only one has asked this. */
function isSame(one: Prediction, other: Prediction): boolean {
  return one.question === other.question && one.choices.length === other.choices.length
}
