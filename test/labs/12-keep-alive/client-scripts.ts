import { CLOSES } from './client-closes.ts'
import { KEEPS } from './client-keeps.ts'
import { RACES } from './client-races.ts'

/** Conversations with a client, by the requirement that they try: together they visit every state it can be in. */
export const CLIENT_SCRIPTS = { ...KEEPS, ...RACES, ...CLOSES }
