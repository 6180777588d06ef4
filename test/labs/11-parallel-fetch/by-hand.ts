import { textResponse, type TryIt } from '../../../workbook/grading/try-it.ts'
import { pageOf } from './scenes.ts'

const TARGETS = ['/quay.png', '/crane.png', '/gull.png', '/tide.png']

export default {
  client: {
    says: 'your loadPage gets a page with four images, two connections at a time',
    peer: {
      name: 'server',
      reads: 'http',
      answer: ({ words: [, target] }) =>
        target === '/' ? textResponse(pageOf(TARGETS).toString()) : textResponse(`the picture ${target}`),
    },
    async run(program, { port }, say) {
      const onEvent = (event: unknown): void => say(JSON.stringify(event))
      const page = await program.call<{ images: readonly unknown[] }>('loadPage', port, '/', {
        maxConnections: 2,
        onEvent,
      })
      say(`loadPage() resolved with ${page.images.length} images`)
    },
  },
} satisfies TryIt
