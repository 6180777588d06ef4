import net from 'node:net'

/** Reads a property of sockets by the getter that it has now, while nobody can have replaced it. */
export function inherited<Name extends keyof net.Socket>(name: Name): (socket: object) => net.Socket[Name] {
  let prototype: object = net.Socket.prototype
  while (!Object.hasOwn(prototype, name)) prototype = Object.getPrototypeOf(prototype) as object
  const { get } = Object.getOwnPropertyDescriptor(prototype, name) ?? {}
  return (socket) => get?.call(socket) as net.Socket[Name]
}
