import { lab } from '../../../workbook/grading/lab.ts'
import { playWithServer } from './server-play.ts'
import { SERVER_SCRIPTS, type Script } from './server-scripts.ts'

const conversations = (scripts: Readonly<Record<string, Script>>) => ({
  scripts,
  drawn: 0,
  play: playWithServer,
})

lab('18-multiplexing', ({ converse }) => {
  converse('R2', 'SETTINGS and PING', conversations(SERVER_SCRIPTS.R2))
  converse('R3', 'requests in every form', conversations(SERVER_SCRIPTS.R3))
  converse('R4', 'answers of every kind', conversations(SERVER_SCRIPTS.R4))
  converse('R5', 'answers in any order', conversations(SERVER_SCRIPTS.R5))
  converse('R6', 'windows of the client', conversations(SERVER_SCRIPTS.R6))
  converse('R7', 'bodies that take turns', conversations(SERVER_SCRIPTS.R7))
  converse('R8', 'windows of the server', conversations(SERVER_SCRIPTS.R8))
  converse('R9', 'places', conversations(SERVER_SCRIPTS.R9))
  converse('R10', 'resets', conversations(SERVER_SCRIPTS.R10))
  converse('R14', 'ends', conversations(SERVER_SCRIPTS.R14))
})
