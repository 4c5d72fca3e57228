/** Which key does what on the Label screen. No modifier keys. */
import type { Schemas } from "./api";

export type Action =
  | { do: "class"; name: string }
  | { do: "accept" | "skip" | "undo" | "flag" | "help" | "why" | "none" };

const FIXED: Record<string, Action["do"]> = {
  Enter: "accept",
  " ": "skip",
  z: "undo",
  f: "flag",
  "?": "help",
  "/": "why",
  "0": "none",
};

/** The keys of the classes: the n-th has the digit n, and the letter that the server gave it. */
export function classKeys(classes: readonly Schemas["ClassShown"][]): Map<string, string> {
  const keys = new Map<string, string>();
  classes.forEach(({ name, key }, place) => {
    if (place < 9) keys.set(String(place + 1), name);
    if (key && !(key in FIXED) && !keys.has(key)) keys.set(key, name);
  });
  return keys;
}

/** What a key press asks for; null if nothing, or if it belongs to a field or a shortcut. */
export function actionOf(event: KeyboardEvent, classes: Map<string, string>): Action | null {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.repeat)
    return null;
  if (belongsToField(event.target)) return null;
  // Enter and space press the button that has the focus, as everywhere.
  const onButton =
    event.target instanceof Element && event.target.closest("button, a, summary") !== null;
  if (onButton && (event.key === "Enter" || event.key === " ")) return null;
  const name = classes.get(event.key) ?? classes.get(event.key.toLowerCase());
  if (name !== undefined) return { do: "class", name };
  const fixed = FIXED[event.key] ?? FIXED[event.key.toLowerCase()];
  return fixed === undefined ? null : ({ do: fixed } as Action);
}

function belongsToField(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  );
}
