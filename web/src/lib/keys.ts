/** Which key was pressed, and whether it is the screen's. What it does, the server decides. */
import type { Schemas } from "./api";

export type Action = Exclude<keyof Schemas["ActionKeys"], "none">;
type Classes = readonly Schemas["ClassShown"][];
type Press = Pick<KeyboardEvent, "key" | "code" | "shiftKey" | "getModifierState">;

/**
 * The key that a press means for this screen; null if it means none, or belongs to a field, to a
 * shortcut of the browser, to a dialog that is open or to the button that has the focus.
 *
 * @param dialog that asks for its own keys; without one, none may be open.
 */
export function pressed(event: KeyboardEvent, dialog: Element | null = null): string | null {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return null;
  if (event.isComposing || event.repeat) return null;
  if (document.querySelector("dialog[open]") !== dialog) return null;
  const at = event.target instanceof Element ? event.target : null;
  if (at?.closest("input, textarea, select, [contenteditable]")) return null;
  const activates = event.key === "Enter" || event.key === " ";
  if (activates && at?.closest("button, a, summary")) return null;
  return keyOf(event);
}

/** The key as it is without Caps Lock; the Latin letter in its place on other keyboards. */
export function keyOf(press: Press): string {
  const latin = /^Key([A-Z])$/.exec(press.code)?.[1];
  const foreign = latin !== undefined && /^[^\x00-\x7f]$/u.test(press.key);
  const key = foreign ? latin : press.key;
  const letter = /^[a-z]$/i.test(key);
  if (!letter || !(foreign || press.getModifierState("CapsLock"))) return key;
  return press.shiftKey ? key.toUpperCase() : key.toLowerCase();
}

/**
 * The class that a key votes for; null for none. A capital is its small letter, unless capitals
 * are keys of classes themselves: then a person who missed one means none of the others.
 */
export function classOf(key: string, classes: Classes): string | null {
  const capitals = classes.some(({ keys }) => keys.some((one) => /^[A-Z]$/.test(one)));
  const wanted = [key, ...(capitals ? [] : [key.toLowerCase()])];
  for (const one of wanted) {
    const found = classes.find(({ keys }) => keys.includes(one));
    if (found !== undefined) return found.name;
  }
  return null;
}

/** What a key asks the screen for; null if it is none of the screen's. */
export function actionOf(key: string, keys: Schemas["ActionKeys"]): Action | null {
  const names = Object.keys(keys).filter((name): name is Action => name !== "none");
  return names.find((name) => keys[name] === key || keys[name] === key.toLowerCase()) ?? null;
}

/** A key as it is shown. */
export const keyName = (key: string): string => (key === " " ? "space" : key);
