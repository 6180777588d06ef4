import { lab } from '../../../workbook/grading/lab.ts'
import * as asking from './asking-scenes.ts'
import * as cache from './cache-scenes.ts'
import { ASKING, CONNECTIONS, drawSteps, STORING } from './conversations.ts'
import * as connection from './connection-scenes.ts'
import * as failure from './failure-scenes.ts'
import * as flow from './flow-scenes.ts'
import * as forwarding from './forwarding-scenes.ts'
import * as framing from './framing-scenes.ts'
import * as limit from './limit-scenes.ts'
import * as origin from './origin-scenes.ts'
import { talking } from './play.ts'
import * as r from './refused.ts'

lab('19-capstone-proxy', ({ check, converse }) => {
  check('R1', 'files, in both forms and to HEAD', origin.servesFiles)
  check('R2', 'parts and conditions', origin.givesParts)
  check('R3', 'what is refused, and with which status', r.refuses)
  check('R3', 'nothing behind it', r.nothingBehind)
  check('R3', 'what is not refused', r.takes)
  check('R4', 'who is kept', origin.keepsConnections)
  check('R5', 'five at once', origin.answersInOrder)
  check('R5', 'four at once through the proxy', origin.answersInOrderBehind)
  check('R5', 'a client that asks and does not read', origin.noFasterThanRead)
  check('R6', 'between requests, and within a head', limit.clientsHaveTheirTime)
  check('R6', 'within a body', limit.bodiesHaveTheirTime)
  check('R6', 'a client that does not read', limit.readersHaveTheirTime)
  check('R6', 'a client that reads slowly', limit.slowReadersStay)
  check('R7', 'one client too many', limit.notTooMany)
  check('R7', 'a tunnel has its place', limit.tunnelsTakePlaces)
  check('R8', 'close() with clients in every state', limit.closesWithCare)
  check('R8', 'when graceMs is over', limit.graceIsOver)
  check('R8', 'behind the last answer', limit.lastAnswersArrive)
  check('R9', 'where a request goes', forwarding.aims)
  check('R9', 'which fields go on', forwarding.passesFields)
  check('R9', 'how far', forwarding.countsHops)
  check('R10', 'answers in each framing, to each version', framing.framesAnswers)
  check('R10', 'answers without a body', framing.framesWithoutBodies)
  check('R10', 'requests, as they come', framing.framesRequests)
  converse('R11', 'whose connection is used again', talking(CONNECTIONS))
  check('R11', 'a kept connection that is dead', connection.staleConnections)
  check('R11', 'what is sent again, while others are kept', connection.sentAgainOnNew)
  check('R11', 'what is not used again', connection.notUsedAgain)
  check('R12', 'Expect, and what comes before the answer', connection.passesInterim)
  check('R13', 'which hop has failed', failure.tellsTheHop)
  check('R13', 'half an answer', failure.neverLooksWhole)
  check('R13', 'an origin that sends little at a time', failure.slowOriginsStay)
  check('R13', 'clients that leave', failure.clientsThatLeave)
  check('R14', 'a client that does not read', flow.holdsLittleDown)
  check('R14', 'an origin that does not read', flow.holdsLittleUp)
  check('R14', 'everything arrives', flow.everythingArrives)
  check('R15', 'bytes and FIN both ways', flow.tunnels)
  check('R15', 'a client that has said all at once', flow.tunnelsBegunAtOnce)
  check('R15', 'how tunnels end', flow.tunnelsEnd)
  check('R15', 'a tunnel whose client does not read', flow.tunnelsHoldLittle)
  converse('R16', 'what is kept, and for whom', talking(STORING, drawSteps))
  check('R16', 'less than the whole, from what is stored', cache.servesLess)
  check('R16', 'less than the whole, of what is not', asking.passesLess)
  check('R16', 'the largest that is kept', cache.keepsUpTo)
  check('R16', 'little room', cache.hasLittleRoom)
  converse('R17', 'what is asked, and how often', talking(ASKING))
  check('R17', 'which fields a 304 renews', asking.renewsFields)
  check('R17', 'a slow client that has asked first', cache.slowLeadsNobody)
  check('R17', 'a slow client, and an answer that grows too large', cache.tooLargeForOthers)
  check('R18', 'the counts of one afternoon', cache.counts)
})
