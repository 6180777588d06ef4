import { lab } from '../../../workbook/grading/lab.ts'
import { ASKING, CONNECTIONS, drawSteps, STORING } from './conversations.ts'
import * as o from './origin-scenes.ts'
import { talking } from './play.ts'
import * as r from './refused.ts'

lab('19-capstone-proxy', ({ check, converse }) => {
  check('R1', 'files, in both forms and to HEAD', o.servesFiles)
  check('R2', 'parts and conditions', o.givesParts)
  check('R3', 'what is refused, and with which status', r.refuses)
  check('R3', 'nothing behind it', r.nothingBehind)
  check('R3', 'what is not refused', r.takes)
  check('R4', 'who is kept', o.keepsConnections)
  check('R5', 'five at once', o.answersInOrder)
  check('R5', 'four at once through the proxy', o.answersInOrderBehind)
  check('R5', 'a client that asks and does not read', o.noFasterThanRead)
  check('R6', 'between requests, and within a head', o.clientsHaveTheirTime)
  check('R6', 'within a body', o.bodiesHaveTheirTime)
  check('R6', 'a client that does not read', o.readersHaveTheirTime)
  check('R7', 'one client too many', o.notTooMany)
  check('R8', 'close() with clients in every state', o.closesWithCare)
  check('R8', 'when graceMs is over', o.graceIsOver)
  check('R8', 'behind the last answer', o.lastAnswersArrive)
  converse('R11', 'whose connection is used again', talking(CONNECTIONS))
  converse('R16', 'what is kept, and for whom', talking(STORING, drawSteps))
  converse('R17', 'what is asked, and how often', talking(ASKING))
})
