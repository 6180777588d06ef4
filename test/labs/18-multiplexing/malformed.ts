import type { Headers } from '../../../labs/kit/http.ts'
import { pseudo } from './scenes.ts'

/** Sections of a request that are malformed; `/bad` would be its target. */
export const MALFORMED: Readonly<Record<string, Headers>> = {
  'a name in upper case': [...pseudo('/bad'), ['X-Upper', 'a']],
  'an empty name': [...pseudo('/bad'), ['', 'a']],
  'a name with a space': [...pseudo('/bad'), ['x y', 'a']],
  'a name with a colon in it': [...pseudo('/bad'), ['x:y', 'a']],
  'NUL in a value': [...pseudo('/bad'), ['x-a', 'a\0b']],
  'CR in a value': [...pseudo('/bad'), ['x-a', 'a\rb']],
  'LF in a value': [...pseudo('/bad'), ['x-a', 'a\nb']],
  'a space in front of a value': [...pseudo('/bad'), ['x-a', ' a']],
  'a tab behind a value': [...pseudo('/bad'), ['x-a', 'a\t']],
  Connection: [...pseudo('/bad'), ['connection', 'close']],
  'Keep-Alive': [...pseudo('/bad'), ['keep-alive', 'timeout=5']],
  'Proxy-Connection': [...pseudo('/bad'), ['proxy-connection', 'keep-alive']],
  'Transfer-Encoding': [...pseudo('/bad'), ['transfer-encoding', 'chunked']],
  Upgrade: [...pseudo('/bad'), ['upgrade', 'h2c']],
  'TE with gzip': [...pseudo('/bad'), ['te', 'gzip']],
  'TE with trailers and more': [...pseudo('/bad'), ['te', 'trailers, gzip']],
  'a pseudo-field behind another field': [...pseudo('/bad').slice(0, 3), ['x-a', 'b'], [':authority', 'a']],
  'a pseudo-field that is unknown': [...pseudo('/bad'), [':protocol', 'a']],
  'a pseudo-field of responses': [...pseudo('/bad'), [':status', '200']],
  'a pseudo-field twice': [...pseudo('/bad'), [':path', '/bad']],
  'no :method': pseudo('/bad').slice(1),
  'no :scheme': pseudo('/bad').filter(([name]) => name !== ':scheme'),
  'no :path': pseudo('/bad').filter(([name]) => name !== ':path'),
  'an empty :path': pseudo(''),
  'LF in a :path': pseudo('/bad\n'),
  'a Content-Length that is no number': [...pseudo('/bad'), ['content-length', '+0']],
  'a Content-Length of 1 without a body': [...pseudo('/bad'), ['content-length', '1']],
}
