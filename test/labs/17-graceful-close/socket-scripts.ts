import type { Conversations } from '../../../workbook/grading/conversation.ts'

/** What is done in the conversations about a socket that the program is given, by the requirement that speaks of it. */

export type Does =
  | 'closes'
  | 'closes again with another limit'
  | 'closes again with less'
  | 'pauses'
  | 'fills to the brim'
  | 'asks'
  | 'ends'
  | 'destroys'
  | 'writes'
  | 'fills'
  | 'reads to the end'
export type PeerDoes = 'sends' | 'sends 3 MiB' | 'FIN' | 'RST' | 'reads'
export type Wait = 'all but a millisecond' | 'a millisecond' | 'half the time' | 'an hour'
export type Step =
  | { readonly socket: number; readonly program: Does }
  | { readonly socket: number; readonly peer: PeerDoes }
  | { readonly wait: Wait }

const we = (program: Does, socket = 0): Step => ({ socket, program })
const peer = (does: PeerDoes, socket = 0): Step => ({ socket, peer: does })
const ALMOST: Step = { wait: 'all but a millisecond' }
const ONE: Step = { wait: 'a millisecond' }
const HALF: Step = { wait: 'half the time' }
const HOUR: Step = { wait: 'an hour' }

export type Group = 'R2' | 'R3' | 'R4' | 'R5' | 'R11'

export const SOCKET_SCRIPTS: Readonly<Record<Group, Conversations<Step>['scripts']>> = {
  R2: {
    'a little is queued, and the peer reads after an hour': [we('fills'), we('closes'), HOUR, peer('reads')],
    'a little is queued, and nobody reads it before the reset': [
      we('fills'),
      we('closes'),
      HOUR,
      peer('RST'),
    ],
    'written just before the call': [we('writes'), we('closes'), peer('sends'), peer('FIN')],
  },
  R3: {
    'much that has come before the call, and much behind it': [
      peer('sends 3 MiB'),
      we('closes'),
      peer('sends 3 MiB'),
      peer('sends'),
      peer('FIN'),
    ],
    'more than anybody buffers': [we('closes'), ...Array<Step>(7).fill(peer('sends 3 MiB')), peer('FIN')],
    'a socket that was paused': [we('pauses'), peer('sends'), we('closes'), peer('sends'), peer('FIN')],
    'two sockets, the second one first': [
      we('closes'),
      we('closes', 1),
      peer('sends'),
      peer('FIN', 1),
      peer('sends'),
      peer('FIN'),
    ],
  },
  R4: {
    'a peer that sends at every moment': [we('closes'), peer('sends'), ALMOST, peer('sends'), ONE],
    'FIN in the last millisecond': [we('closes'), ALMOST, peer('FIN'), ONE],
    'the queue is full to the brim, and not behind it': [
      we('fills to the brim'),
      we('closes'),
      HOUR,
      peer('reads'),
      ALMOST,
      ONE,
    ],
    'a little is queued for an hour, and then the time begins': [
      we('fills'),
      we('closes'),
      HOUR,
      peer('sends'),
      HOUR,
      peer('reads'),
      ALMOST,
      peer('sends'),
      ONE,
    ],
  },
  R5: {
    'we had ended our output, and the time runs from the call': [we('ends'), HOUR, we('closes'), ALMOST, ONE],
    'we had ended our output, and it is queued still': [
      we('fills'),
      we('ends'),
      we('closes'),
      HOUR,
      peer('reads'),
      ALMOST,
      ONE,
    ],
    'the peer had ended, and resets while output is queued': [
      we('fills'),
      peer('sends'),
      peer('FIN'),
      we('closes'),
      HOUR,
      peer('RST'),
    ],
    'a further call with less time': [we('closes'), we('closes again with less'), HALF, HALF],
    'both had ended': [we('ends'), peer('FIN'), we('reads to the end'), we('closes'), we('closes')],
    'we had ended, and the peer ends now': [we('ends'), we('closes'), peer('sends'), peer('FIN')],
    'we had given up the socket': [we('destroys'), we('closes'), we('closes')],
    'we give up the socket during the call': [we('closes'), HALF, we('destroys'), we('closes')],
    'the peer had ended, unread, with bytes before it': [
      peer('sends'),
      peer('FIN'),
      HOUR,
      we('closes'),
      we('closes'),
    ],
    'the peer had reset, with bytes unread': [peer('sends'), peer('RST'), we('closes'), we('closes')],
    'a reset when the queue is stuck, before the call': [we('fills'), peer('RST'), HOUR, we('closes')],
    'a further call has no limit of its own': [
      we('closes'),
      HALF,
      we('closes again with another limit'),
      peer('sends'),
      HALF,
      we('closes again with another limit'),
    ],
    'a further call while output is queued': [
      we('fills'),
      we('closes'),
      we('closes again with another limit'),
      HOUR,
      peer('FIN'),
      HOUR,
      peer('reads'),
    ],
    'a reset in the last millisecond, and another socket that goes on': [
      we('closes', 1),
      we('closes'),
      peer('RST'),
      peer('FIN', 1),
      we('closes', 1),
    ],
    'asked for the end before, and closed then': [we('asks'), peer('sends'), peer('FIN'), HOUR, we('closes')],
  },
  R11: {
    'FIN after an hour': [
      we('asks'),
      HOUR,
      peer('sends'),
      HOUR,
      peer('FIN'),
      we('writes'),
      HOUR,
      we('writes'),
    ],
    'FIN, and a reset behind it': [we('asks'), peer('FIN'), peer('RST'), we('writes'), HOUR],
    'reset after an hour': [we('asks'), HOUR, peer('sends'), peer('RST'), HOUR],
    'FIN, and asked after an hour': [
      peer('sends'),
      peer('FIN'),
      HOUR,
      we('asks'),
      we('writes'),
      HOUR,
      we('writes'),
    ],
    'FIN, read to the end before': [
      peer('sends'),
      peer('FIN'),
      we('reads to the end'),
      we('asks'),
      HOUR,
      we('writes'),
    ],
    'much to read': [peer('sends 3 MiB'), we('asks'), peer('sends 3 MiB'), HOUR, peer('FIN'), we('writes')],
    'two sockets, with two ends': [
      we('asks'),
      we('asks', 1),
      peer('FIN', 1),
      peer('sends'),
      peer('RST'),
      we('writes', 1),
    ],
  },
}
