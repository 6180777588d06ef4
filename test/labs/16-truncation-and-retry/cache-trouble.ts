import { type Scripts, get, send, answer, says, slow, FRESH } from './cache-steps.ts'

/** Clients that leave. */

export const TROUBLE: Scripts = {
  'who asks first resets, and others wait': [get(), get(), { client: 0, does: 'RST' }, says(FRESH), get()],
  'who waits resets': [get(), get(), get(), { client: 1, does: 'RST' }, says(FRESH), get()],
  'the only one resets': [get(), { client: 0, does: 'RST' }, says(FRESH), get(), get('b'), answer()],
  'a client half-closes': [get(), { client: 0, does: 'FIN' }, slow(3600), says(FRESH), get()],
  'a client with a body half-closes': [
    send('POST', 'a', { body: 'chunks' }),
    { client: 0, does: 'FIN' },
    answer(),
  ],
  'one that waits half-closes': [get(), get(), { client: 1, does: 'FIN' }, says(FRESH)],
  'a POST whose client is gone': [
    get(),
    says(FRESH),
    send('POST'),
    { client: 1, does: 'RST' },
    answer(),
    get(),
    answer(),
  ],
}
