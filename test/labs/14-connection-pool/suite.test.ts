import { lab } from '../../../workbook/grading/lab.ts'
import { draw } from './drawn.ts'
import * as example from './examples.ts'
import { play } from './play.ts'
import { SCRIPTS } from './scripts.ts'
import type { Script } from './steps.ts'

const conversations = (scripts: Readonly<Record<string, Script>>) => ({ scripts, drawn: 0, play })

lab('14-connection-pool', ({ check, converse }) => {
  check('R1', 'a request, and its answer in pieces', example.aRequestAndItsAnswer)
  converse('R1', 'requests and answers of every kind', conversations(SCRIPTS.R1))

  check('R2', 'a request each second: the connection that was used last', example.theLastUsedIsUsedNext)
  converse('R2', 'which connection is used next', conversations(SCRIPTS.R2))
  converse('R2', 'callers, origins and the clock in any order', { scripts: {}, draw, drawn: 6, play })

  check('R3', 'many users share a few connections', example.manyUsersShareAFew)
  converse('R3', 'the places of each origin', conversations(SCRIPTS.R3))

  check('R4', 'who finds no place waits, and too many are refused', example.whoFindsNoPlaceWaits)
  check('R4', 'who asks again when answered comes after those who wait', example.whoAsksAgainComesLast)
  converse('R4', 'queues that grow and shrink', conversations(SCRIPTS.R4))

  check('R5', 'an answer that says close ends its connection', example.closeEndsIt)
  converse('R5', 'what is given back, and what is not', conversations(SCRIPTS.R5))

  check('R6', 'an idle connection is open at idleMs - 1, and ends at idleMs', example.idleConnectionsEnd)
  converse('R6', 'the idle time of each connection', conversations(SCRIPTS.R6))

  check('R7', "the server's time, less the margin", example.theServersTimeCounts)
  converse('R7', 'hints in any writing, and none', conversations(SCRIPTS.R7))

  check('R8', 'FIN while it is idle: a POST takes a new connection', example.finWhileIdle)
  converse('R8', 'what happens on idle connections', conversations(SCRIPTS.R8))

  check('R9', 'a GET that loses the race is sent once more, a POST is not', example.theRace)
  converse('R9', 'lost races of every method', conversations(SCRIPTS.R9))

  check('R10', 'a refused connection leaves its place', example.aRefusedConnection)
  converse('R10', 'failures of every kind', conversations(SCRIPTS.R10))

  check('R11', 'an abort in the middle of an answer, and somebody who waits', example.anAbort)
  converse('R11', 'aborts at every stage', conversations(SCRIPTS.R11))

  check('R12', 'counts from the first request to the last', example.countsAreTrue)
  converse('R12', 'counts over all origins, whatever happens', conversations(SCRIPTS.R12))

  check('R13', 'close() ends what is idle and finishes what is not', example.closeFinishes)
  converse('R13', 'close() at any moment', conversations(SCRIPTS.R13))
})
