/** Any number of boxes on a picture, each with a class. An answer is the list of them. */
import type { Form, Task } from "..";
import type { Answer } from "../../lib/api";
import { anyText, plain, sameJson } from "../words";
import type { Place } from "./geometry";

export interface Box {
  label: string;
  box: Place;
}

/** The boxes that an answer names; none where it is no list of them. */
export const boxesIn = (answer: Answer): Box[] =>
  Array.isArray(answer) ? answer.filter(isBox) : [];

/** The boxes as an answer, in the order of the server: by class, then place, each once. */
export function canonical(boxes: readonly Box[]): Box[] {
  const each = new Map(boxes.map(({ label, box }) => [plain([label, box]), { label, box }]));
  return [...each.values()].sort((one, other) => compared(one, other));
}

/** A colour of the class, light enough to write on in black; a grey for any other name. */
export function colourOf(name: string, { classes }: Pick<Task, "classes">): string {
  const place = classes.findIndex((one) => one.name === name);
  // Steps of the golden angle keep the classes that are used most, the first, far apart.
  return place < 0 ? "oklch(85% 0 0)" : `oklch(82% 0.16 ${Math.round((85 + place * 137.5) % 360)})`;
}

/** A box in words, for those who do not see it. */
export function boxText({ label, box: [x0, y0, x1, y1] }: Box): string {
  const [x, y, width, height] = [x0, y0, x1 - x0, y1 - y0].map((one) => Math.round(one));
  return `${label || "no class yet"}, ${width} by ${height} pixels at ${x}, ${y}`;
}

export const boxes: Form = {
  text: (answer) => {
    const found = boxesIn(answer);
    if (!Array.isArray(answer) || found.length !== answer.length) return anyText(answer);
    if (found.length === 0) return "nothing here";
    const counts = new Map<string, number>();
    for (const { label } of found) counts.set(label, (counts.get(label) ?? 0) + 1);
    return [...counts].map(([name, n]) => (n === 1 ? name : `${n} × ${name}`)).join(", ");
  },
  same: (one, other) =>
    Array.isArray(one) && Array.isArray(other)
      ? sameJson(one.map(plain).sort(), other.map(plain).sort())
      : sameJson(one, other),
  empty: [],
  keys: ({ classes, keys }) => [
    ...(classes.length > 1
      ? classes.map((one) => ({
          keys: one.keys,
          does: `${one.name}: the box that is selected, else the next`,
        }))
      : []),
    { keys: ["Insert"], does: "a box in the middle" },
    {
      keys: ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"],
      does: "move the box; with shift: its size",
    },
    { keys: ["Delete", "Backspace"], does: "take the box away" },
    { keys: ["Escape"], does: "select no box" },
    {
      keys: keys.none === null ? [] : [keys.none],
      does: "take all boxes away; without any: nothing here",
    },
  ],
  choices: () => [],
  draws: true,
};

function isBox(one: unknown): one is Box {
  if (typeof one !== "object" || one === null) return false;
  const { label, box } = one as Partial<Record<string, unknown>>;
  return (
    typeof label === "string" &&
    Array.isArray(box) &&
    box.length === 4 &&
    box.every((number) => typeof number === "number")
  );
}

function compared(one: Box, other: Box): number {
  if (one.label !== other.label) return one.label < other.label ? -1 : 1;
  const place = one.box.findIndex((number, position) => number !== other.box[position]);
  return place < 0 ? 0 : one.box[place]! - other.box[place]!;
}
