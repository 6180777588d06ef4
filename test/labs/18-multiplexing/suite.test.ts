import { lab } from '../../../workbook/grading/lab.ts'
import { playWithClient } from './client-play.ts'
import * as client from './client-scenes.ts'
import { CLIENT_SCRIPTS } from './client-scripts.ts'
import type { ClientScript } from './client-steps.ts'
import { framesThereAndBack } from './codec.ts'
import * as flood from './floods.ts'
import * as full from './full-tcp.ts'
import * as row from './rows.ts'
import * as scene from './scenes.ts'
import { playWithServer } from './server-play.ts'
import { SERVER_SCRIPTS } from './server-scripts.ts'
import type { Script } from './server-steps.ts'
import * as change from './under-way.ts'

const withServer = (scripts: Readonly<Record<string, Script>>) => ({
  scripts,
  drawn: 0,
  play: playWithServer,
})
const withClient = (scripts: Readonly<Record<string, ClientScript>>) => ({
  scripts,
  drawn: 0,
  play: playWithClient,
})

lab('18-multiplexing', ({ check, converse }) => {
  check('R1', 'frames there and back, of every length', framesThereAndBack)

  check('R2', 'clients that begin with something else', scene.otherBeginnings)
  check('R2', 'a client that takes larger frames', scene.largerFramesWelcome)
  converse('R2', 'SETTINGS and PING at any moment', withServer(SERVER_SCRIPTS.R2))

  converse('R3', 'requests in every form', withServer(SERVER_SCRIPTS.R3))

  check('R4', 'a client whose table is smaller', scene.smallTable)
  check('R4', 'a table that becomes smaller later', change.smallerTableLater)
  check('R4', 'blocks that fill their frames', change.blocksOfWholeFrames)
  converse('R4', 'answers of every kind', withServer(SERVER_SCRIPTS.R4))

  check('R5', 'a slow handler and a fast one', client.whatThePredictionsAsk)
  converse('R5', 'handlers that are done in any order', withServer(SERVER_SCRIPTS.R5))

  converse('R6', 'windows of the client', withServer(SERVER_SCRIPTS.R6))

  check('R7', 'a small answer where TCP is full of a large one', full.aSmallOneBehindALargeOne)
  converse('R7', 'bodies that take turns', withServer(SERVER_SCRIPTS.R7))

  check('R8', 'DATA beyond the window', scene.beyondTheWindow)
  check('R8', 'DATA beyond a window that became smaller', change.beyondASmallerWindow)
  converse('R8', 'windows of the server', withServer(SERVER_SCRIPTS.R8))

  check('R9', 'streams that are reset as soon as they are open', client.threeAreReset)
  check('R9', 'trailers of a stream that was refused', scene.trailersOfARefusedOne)
  converse('R9', 'streams that are one too many', withServer(SERVER_SCRIPTS.R9))

  converse('R10', 'resets at every stage', withServer(SERVER_SCRIPTS.R10))

  check('R11', 'malformed requests, one after the other', row.streamErrors)
  check('R11', 'frames behind END_STREAM', row.behindTheEnd)

  check('R12', 'what ends the connection', row.connectionErrors)

  check('R13', 'sections that are too large', flood.largeSections)
  check('R13', 'bodies that are too large', flood.largeBodies)
  check('R13', 'answers that nobody reads', full.answersThatNobodyReads)
  check('R13', 'work for nothing', flood.floods)
  check('R13', 'work that is welcome', flood.noFloods)

  check('R14', 'a body that comes after GOAWAY', change.bodiesAfterGoaway)
  converse('R14', 'close(), GOAWAY, FIN and RST at any moment', withServer(SERVER_SCRIPTS.R14))

  check('R15', 'a page and its images in two round trips', client.aPageInTwoRoundTrips)
  converse('R15', 'requests of every kind', withClient(CLIENT_SCRIPTS.R15))

  check('R16', 'a segment that is lost', client.aSegmentIsLost)
  converse('R16', 'answers in any order and form', withClient(CLIENT_SCRIPTS.R16))

  converse('R17', 'limits, resets and GOAWAY', withClient(CLIENT_SCRIPTS.R17))

  check('R18', 'servers that break the rules', client.serversThatBreakTheRules)
  check('R18', 'DATA that stands before its section', client.dataBeforeItsSection)
  converse('R18', 'malformed answers, and ends of every kind', withClient(CLIENT_SCRIPTS.R18))
})
