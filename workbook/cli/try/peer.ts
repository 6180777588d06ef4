import type { Address, TryPeer } from '../../grading/try-it.ts'
import { HttpPeer } from '../../wire/http-peer.ts'
import type { TcpEnd } from '../../wire/tcp-end.ts'
import { TcpListener } from '../../wire/tcp-listener.ts'
import type { Transcript } from '../../wire/transcript.ts'

export interface OpenPeer {
  readonly address: Address
  close(): void
}

/** Opens the small peer that a lab's client, or what stands between, talks to. */
export async function openPeer(peer: TryPeer, transcript: Transcript): Promise<OpenPeer> {
  const looks = new Set<() => void>()
  const onActivity = (): void => looks.forEach((look) => look())
  const options = { lane: peer.name, transcript, onActivity }
  const listener = await TcpListener.open(options, (end) => {
    const http = peer.reads === 'http' ? new HttpPeer(end, (request) => peer.answer(request)) : null
    looks.add(http ? () => http.look() : bytesLook(end, peer))
  })
  return {
    address: { host: '127.0.0.1', port: listener.port },
    close() {
      listener.close()
      for (const end of listener.ends) end.destroy()
    },
  }
}

// --- internal ---

function bytesLook(end: TcpEnd, peer: TryPeer): () => void {
  let taken = 0
  let over = false
  return () => {
    const bytes = end.received.subarray(taken)
    taken += bytes.length
    const answer = bytes.length > 0 && peer.reads === 'bytes' ? peer.answer(bytes.toString('latin1')) : ''
    if (answer !== '') void end.send(Buffer.from(answer, 'latin1'))
    if (over || end.ended !== 'FIN') return
    over = true
    void end.fin()
  }
}
