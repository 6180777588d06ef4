import type { TryIt } from '../../../workbook/grading/try-it.ts'
import { ECHO, OFFER } from './recorded.ts'

/** A lease needs a clock and dice in the program's own process, so what is tried by hand is what it reads and writes. */
export default {
  packets: {
    says: 'your program reads an OFFER of dnsmasq and a ping of Linux, and writes the ping anew',
    // Nobody is asked: the packets were recorded.
    peer: { name: 'nobody', reads: 'bytes', answer: () => '' },
    async run(program, _peer, say) {
      const { yiaddr, options } = await program.call<Offer>('decodeDhcp', OFFER)
      say(`the OFFER: ${yiaddr}, of the server ${options[54]?.join('.')}`)
      const echo = await program.call<Echo | null>('decodeEcho', ECHO)
      say(
        echo ? `the ping: an echo ${echo.type}, number ${echo.sequence}` : 'the ping: null, which is no echo',
      )
      if (!echo) return
      const anew = await program.call<Uint8Array>('encodeEcho', echo)
      say(ECHO.equals(anew) ? 'written anew: the same bytes' : 'written anew: other bytes')
    },
  },
} satisfies TryIt

// --- internal ---

interface Offer {
  readonly yiaddr: string
  readonly options: Readonly<Record<number, Uint8Array>>
}

interface Echo {
  readonly type: string
  readonly sequence: number
}
