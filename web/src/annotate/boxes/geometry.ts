/** Drawing, holding, moving and resizing rectangles, in pixels of the picture. */

/** x0, y0, x1, y1 with x1 > x0 and y1 > y0. */
export type Place = readonly [number, number, number, number];
export interface Point {
  x: number;
  y: number;
}
export interface Size {
  width: number;
  height: number;
}
/** Which sides are held: -1 the left or upper one, 1 the right or lower one. 0, 0 is the whole. */
export interface Grip {
  x: -1 | 0 | 1;
  y: -1 | 0 | 1;
}

const SIDES = [-1, 0, 1] as const;
export const WHOLE: Grip = { x: 0, y: 0 };
/** The handles of a box: its corners and the middles of its sides. */
export const HANDLES: readonly Grip[] = SIDES.flatMap((y) => SIDES.map((x) => ({ x, y }))).filter(
  ({ x, y }) => x !== 0 || y !== 0,
);

/** The whole pixels between two points, inside the picture; null where that is no area. */
export function drawn(from: Point, to: Point, size: Size): Place | null {
  const [x0, x1] = pixels(from.x, to.x, size.width);
  const [y0, y1] = pixels(from.y, to.y, size.height);
  return x1 > x0 && y1 > y0 ? [x0, y0, x1, y1] : null;
}

/** The box after what is held of it went so far: moved or resized, in whole pixels, inside. */
export function pulled(place: Place, grip: Grip, dx: number, dy: number, size: Size): Place {
  const whole = grip.x === 0 && grip.y === 0;
  const [x0, y0, x1, y1] = place;
  const [left, right] = whole ? slid(x0, x1, dx, size.width) : bent(x0, x1, grip.x, dx, size.width);
  const [upper, lower] = whole
    ? slid(y0, y1, dy, size.height)
    : bent(y0, y1, grip.y, dy, size.height);
  return [left, upper, right, lower];
}

/**
 * What a hand at this point holds of the box: sides that are near, else the whole; null outside.
 *
 * @param slack how far off a side it still is held; inside, at most a quarter of the box.
 */
export function held(place: Place, at: Point, slack: number): Grip | null {
  const x = near(at.x, place[0], place[2], slack);
  const y = near(at.y, place[1], place[3], slack);
  return x === null || y === null ? null : { x, y };
}

/** The position of the smallest box at this point; -1 where there is none. */
export function found(places: readonly Place[], at: Point, slack: number): number {
  let best = -1;
  places.forEach((place, position) => {
    const smaller = best < 0 || area(place) < area(places[best]!);
    if (smaller && held(place, at, slack) !== null) best = position;
  });
  return best;
}

/** A box in the middle of what is seen, a quarter as long and high. */
export function middle(seen: Place, size: Size): Place {
  const [x0, y0, x1, y1] = seen;
  const half = { x: Math.max(1, (x1 - x0) / 8), y: Math.max(1, (y1 - y0) / 8) };
  const at = { x: (x0 + x1) / 2, y: (y0 + y1) / 2 };
  const corners = [-1, 1].map((side) => ({ x: at.x + side * half.x, y: at.y + side * half.y }));
  return drawn(corners[0]!, corners[1]!, size) ?? [0, 0, size.width, size.height];
}

/** Where the box lies on its picture, as CSS. */
export function laid([x0, y0, x1, y1]: Place, { width, height }: Size): string {
  const [left, right] = [clamped(x0, width), clamped(x1, width)];
  const [upper, lower] = [clamped(y0, height), clamped(y1, height)];
  return (
    `left:${(100 * left) / width}%;width:${(100 * (right - left)) / width}%;` +
    `top:${(100 * upper) / height}%;height:${(100 * (lower - upper)) / height}%`
  );
}

const clamped = (value: number, length: number): number => Math.min(length, Math.max(0, value));

const area = ([x0, y0, x1, y1]: Place): number => (x1 - x0) * (y1 - y0);

function pixels(one: number, other: number, length: number): [number, number] {
  const ends = [one, other].map((end) => Math.round(clamped(end, length)));
  return [Math.min(...ends), Math.max(...ends)];
}

/** An extent moved as far as the picture lets it. */
function slid(start: number, end: number, by: number, length: number): [number, number] {
  const long = Math.min(length, Math.max(1, Math.round(end - start)));
  const first = Math.min(length - long, Math.max(0, Math.round(start + by)));
  return [first, first + long];
}

/** An extent of which one end is pulled, maybe past the other; at least a pixel stays. */
function bent(
  start: number,
  end: number,
  side: Grip["x"],
  by: number,
  length: number,
): [number, number] {
  if (side === 0) return [start, end];
  const still = side < 0 ? end : start;
  const [first, last] = pixels(still, (side < 0 ? start : end) + by, length);
  if (last > first) return [first, last];
  return (side < 0 && first > 0) || first >= length ? [first - 1, first] : [first, first + 1];
}

function near(at: number, start: number, end: number, slack: number): Grip["x"] | null {
  if (at < start - slack || at > end + slack) return null;
  const inner = Math.min(slack, (end - start) / 4);
  if (at <= start + inner) return -1;
  return at >= end - inner ? 1 : 0;
}
