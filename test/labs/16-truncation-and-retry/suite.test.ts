import { lab } from '../../../workbook/grading/lab.ts'
import { CHANGING } from './cache-changing.ts'
import { COMPANY } from './cache-company.ts'
import { drawSteps } from './cache-draw.ts'
import { FRESHNESS } from './cache-freshness.ts'
import { HALVES } from './cache-halves.ts'
import { PASSING } from './cache-passing.ts'
import { caching } from './cache-play.ts'
import { ROOM } from './cache-room.ts'
import { STORING } from './cache-storing.ts'
import { TROUBLE } from './cache-trouble.ts'
import { VALIDATION } from './cache-validation.ts'
import { VARYING } from './cache-varying.ts'
import { drawSteps as drawCalls } from './fetch-draw.ts'
import { fetching } from './fetch-play.ts'
import { ASK_REST, JOIN } from './fetch-rests.ts'
import { AGAIN, CUT, OTHER, TO_FIN, WHOLE } from './fetch-scripts.ts'
import * as s from './scenes.ts'

lab('16-truncation-and-retry', ({ check, converse }) => {
  converse('R1', 'answers that show their own end', fetching(WHOLE))
  check('R2', 'a server is killed in the middle', s.killedInTheMiddle)
  converse('R2', 'answers that end with their connection', fetching(TO_FIN))
  check('R3', 'an answer is cut in the middle', s.cutInTheMiddle)
  converse('R3', 'answers cut at every place', fetching(CUT))
  check('R4', 'nobody is there', s.refused)
  converse('R4', 'what is sent again, and how often', fetching(AGAIN))
  converse('R5', 'what somebody has to allow', fetching(OTHER))
  check('R6', 'the rest is asked for, and comes', s.theRest)
  converse('R6', 'what is asked for again', fetching(ASK_REST))
  check('R7', 'a new version takes the place of an old piece', s.aNewVersion)
  converse('R7', 'what is joined, and what is not', fetching(JOIN, drawCalls, 4))
  check('R8', 'in pieces, and one behind the other', s.inPieces)
  converse('R8', 'what passes through', caching('R8', PASSING))
  converse('R9', 'what is kept, and what is not', caching('R9', STORING))
  check('R10', 'fresh for what is left of a minute', s.keptForAMinute)
  converse('R10', 'how long it is fresh', caching('R10', FRESHNESS))
  converse('R11', 'whether it is still good', caching('R11', VALIDATION))
  converse('R12', 'for whom it is', caching('R12', VARYING))
  converse('R13', 'what was changed', caching('R13', CHANGING))
  converse('R14', 'many at once', caching('R14', COMPANY, { draw: drawSteps, drawn: 4 }))
  check('R15', 'an origin that refuses', s.refusedOrigin)
  converse('R15', 'halves', caching('R15', HALVES))
  converse(
    'R16',
    'room for a hundred bytes',
    caching('R16', ROOM, { maxBytes: 100, draw: drawSteps, drawn: 3 }),
  )
  check('R17', 'what is no request goes nowhere', s.badRequests)
  check('R17', 'close() ends who is idle, and lets the others be answered', s.closesWithCare)
  check('R17', 'close() waits for the origin too', s.closesBehindTheOrigin)
  check('R17', 'close() waits for what the origin is asked after it', s.closesBehindALateQuestion)
  converse('R17', 'clients that leave', caching('R17', TROUBLE))
})
