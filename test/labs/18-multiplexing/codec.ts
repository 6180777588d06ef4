import type { Check } from '../../../workbook/grading/check.ts'

/** R1. */
export async function framesThereAndBack(c: Check): Promise<void> {
  const { random } = c
  const sizes = [0, 1, random.integer(2, 200), 255, 256, 70_000]
  const frames = sizes.map((size) => ({
    type: random.integer(0, 255),
    flags: random.integer(0, 255),
    stream: random.pick([0, 1, 2 ** 31 - 1, random.integer(2, 2 ** 30)]),
    payload: random.bytes(size),
  }))
  const parts: Buffer[] = []
  for (const frame of frames) {
    const seen = await c.learner.call<Buffer>('encodeFrame', frame)
    const { length } = frame.payload
    const head = [length >>> 16, (length >>> 8) & 255, length & 255, frame.type, frame.flags]
    const bytes = Buffer.concat([
      Buffer.from([
        ...head,
        frame.stream >>> 24,
        (frame.stream >>> 16) & 255,
        (frame.stream >>> 8) & 255,
        frame.stream & 255,
      ]),
      frame.payload,
    ])
    c.expect(ArrayBuffer.isView(seen), 'bytes from encodeFrame()', typeof seen)
    c.expectBytes(seen, bytes, `a frame of type ${frame.type} with ${length} bytes`)
    parts.push(bytes)
  }
  const all = Buffer.concat(parts)
  await decodesTo(c, all, frames, 0, 'six frames')
  for (const cut of [1, 3, 8, 9, 10])
    await decodesTo(
      c,
      all.subarray(0, all.length - 70_009 + cut),
      frames.slice(0, 5),
      cut,
      `five frames and ${cut} bytes`,
    )
  await decodesTo(c, all.subarray(0, all.length - 1), frames.slice(0, 5), 70_008, 'all but the last byte')
  await decodesTo(c, Buffer.alloc(0), [], 0, 'no byte')
  const reserved = Buffer.from(parts[1] ?? Buffer.alloc(10))
  reserved[5] = (reserved[5] ?? 0) | 0x80
  await decodesTo(c, reserved, frames.slice(1, 2), 0, 'a frame whose first bit of the stream is set')
}

// --- internal ---

interface Given {
  readonly type: number
  readonly flags: number
  readonly stream: number
  readonly payload: Buffer
}

async function decodesTo(
  c: Check,
  bytes: Buffer,
  wanted: readonly Given[],
  rest: number,
  what: string,
): Promise<void> {
  const seen = await c.learner.call<{ frames?: Given[]; rest?: Buffer } | null>('decodeFrames', bytes)
  if (!seen || !Array.isArray(seen.frames) || !ArrayBuffer.isView(seen.rest))
    c.fail('frames and rest from decodeFrames()', typeof seen)
  const short = ({ type, flags, stream, payload }: Given) =>
    `type ${type}, flags ${flags}, stream ${stream}, ${payload.length} bytes`
  c.expectEqual(seen.frames.map(short), wanted.map(short), `frames of ${what}`)
  for (const [index, { payload }] of wanted.entries())
    c.expectBytes(seen.frames[index]?.payload ?? '', payload, `the payload of frame ${index + 1} of ${what}`)
  c.expectBytes(seen.rest, bytes.subarray(bytes.length - rest), `rest of ${what}`)
}
