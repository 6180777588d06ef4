/** Just enough geometry to know whether two things of a drawing touch. */

export interface Point {
  readonly x: number
  readonly y: number
}

/** A convex shape: its corners in order, and the box around them, which settles most comparisons. */
export interface Shape {
  readonly corners: readonly Point[]
  readonly left: number
  readonly right: number
  readonly top: number
  readonly bottom: number
}

export function shape(corners: readonly Point[]): Shape {
  const [xs, ys] = [corners.map(({ x }) => x), corners.map(({ y }) => y)]
  return {
    corners,
    left: Math.min(...xs),
    right: Math.max(...xs),
    top: Math.min(...ys),
    bottom: Math.max(...ys),
  }
}

/** A box that stands upright. */
export function box(left: number, top: number, width: number, height: number): Shape {
  return turnedBox({ x: left + width / 2, y: top + height / 2 }, width, height, 0)
}

/** A box around a centre, turned by an angle in radians, clockwise on the screen. */
export function turnedBox(centre: Point, width: number, height: number, angle: number): Shape {
  const along = { x: (Math.cos(angle) * width) / 2, y: (Math.sin(angle) * width) / 2 }
  const across = { x: (-Math.sin(angle) * height) / 2, y: (Math.cos(angle) * height) / 2 }
  const corner = (a: number, b: number): Point => ({
    x: centre.x + a * along.x + b * across.x,
    y: centre.y + a * along.y + b * across.y,
  })
  return shape([corner(-1, -1), corner(1, -1), corner(1, 1), corner(-1, 1)])
}

/** A line as a thin box. */
export function stroke(from: Point, to: Point, width: number): Shape {
  const centre = { x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 }
  return turnedBox(centre, Math.hypot(to.x - from.x, to.y - from.y), width, angleOf(from, to))
}

/** In radians, clockwise on the screen; 0 points to the right. */
export function angleOf(from: Point, to: Point): number {
  return Math.atan2(to.y - from.y, to.x - from.x)
}

/** The point at a part of the way from one to the other. */
export function between(from: Point, to: Point, part: number): Point {
  return { x: from.x + (to.x - from.x) * part, y: from.y + (to.y - from.y) * part }
}

/** Whether two shapes share more than an edge: no line can be drawn between them. */
export function overlap(a: Shape, b: Shape): boolean {
  if (a.right <= b.left || b.right <= a.left || a.bottom <= b.top || b.bottom <= a.top) return false
  return !parted(a, b) && !parted(b, a)
}

// --- internal ---

/** Floating point may see a hair's breadth where two edges only touch. */
const HAIR = 1e-6

/** Whether a line along a side of `a` parts the two; of convex shapes one such line exists or they overlap. */
function parted(a: Shape, b: Shape): boolean {
  return a.corners.some((from, index) => {
    const to = a.corners[(index + 1) % a.corners.length] as Point
    const normal = { x: to.y - from.y, y: from.x - to.x }
    const [lowA, highA] = span(a, normal)
    const [lowB, highB] = span(b, normal)
    return highA <= lowB + HAIR || highB <= lowA + HAIR
  })
}

function span({ corners }: Shape, { x, y }: Point): readonly [low: number, high: number] {
  let [low, high] = [Infinity, -Infinity]
  for (const corner of corners) {
    const at = corner.x * x + corner.y * y
    low = Math.min(low, at)
    high = Math.max(high, at)
  }
  return [low, high]
}
