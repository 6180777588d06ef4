/**
 * Lab 18: multiplexing. Many exchanges on one connection, which is what HTTP/2 is.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9113 | RFC 9113} (HTTP/2)
 * @see {@link https://www.rfc-editor.org/rfc/rfc7541 | RFC 7541} (HPACK, which the kit gives you)
 */
import type { Handler, Request, Response, RunningServer } from '../kit/http.ts'
import { todo } from '../kit/todo.ts'

// Useful here: HpackEncoder and HpackDecoder of '../kit/hpack.ts'; FRAME, FLAG, SETTING, ERROR, nameOfError and PREFACE
// of '../kit/http2.ts'; field of '../kit/http.ts'.

export interface Frame {
  /** One of FRAME, or any other number up to 255. */
  readonly type: number
  readonly flags: number
  /** 0 is the connection itself. */
  readonly stream: number
  readonly payload: Buffer
}

/** Cuts whole frames off the front of some bytes; what is left is the beginning of the next one. */
export function decodeFrames(bytes: Buffer): { frames: Frame[]; rest: Buffer } {
  // TODO(R1): nine bytes of head, and as many bytes of payload as it says.
  void bytes
  return todo('decodeFrames')
}

export function encodeFrame(frame: Frame): Buffer {
  // TODO(R1): the inverse.
  void frame
  return todo('encodeFrame')
}

/**
 * A server of HTTP/2 over clear text, on a port that the system chooses.
 *
 * @param options.maxStreams - How many streams of one connection may be open at once.
 * @param options.windowBytes - How many bytes of DATA a client may have under way on one stream.
 */
export async function serveH2(
  handler: Handler,
  options: { maxStreams: number; windowBytes: number },
): Promise<RunningServer> {
  // TODO(R2): SETTINGS first; preface, ACK, PING.
  // TODO(R3): frames become a request, and the handler is called.
  // TODO(R4): its answer becomes frames.
  // TODO(R5): whoever is done first is answered first.
  // TODO(R6): both of the client's windows.
  // TODO(R7): turns, and no more than the socket takes.
  // TODO(R8): your own windows, given back.
  // TODO(R9): no more than maxStreams.
  // TODO(R10): streams that the client resets.
  // TODO(R11): errors that end a stream.
  // TODO(R12): errors that end the connection.
  // TODO(R13): floods.
  // TODO(R14): the graceful close.
  void [handler, options]
  return todo('serveH2')
}

/** A client with one connection. */
export class H2Client {
  /** Connects to 127.0.0.1. */
  static async connect(port: number): Promise<H2Client> {
    // TODO(R15): preface and SETTINGS, without waiting for the server's.
    void port
    return todo('H2Client.connect')
  }

  /**
   * Sends a request on a stream of its own and resolves with its response, whatever the status.
   *
   * @param request - What is left out: method GET, target `/`, no fields, no body.
   */
  async request(request: Partial<Request>): Promise<Response> {
    // TODO(R15): the next odd number, the fields, the body.
    // TODO(R16): the answer, whatever comes between its frames.
    // TODO(R17): as many as the server allows; REFUSED_STREAM, RST_STREAM, GOAWAY.
    void request
    return todo('H2Client.request')
  }

  /** Finishes what is under way, and resolves when the connection is gone. */
  async close(): Promise<void> {
    // TODO(R18): GOAWAY, FIN, and nothing is left.
    return todo('H2Client.close')
  }
}
