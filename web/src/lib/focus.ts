/**
 * Where the focus is after a click. A button that was clicked keeps it, so that Enter and space
 * would press it again: the answer to the item before would be given to the next.
 */

const PRESSED = "button, summary, a, [role=button]";

/** Takes the focus from what was pressed, so that Enter and space belong to the item. */
export function leave(): void {
  const at = document.activeElement;
  if (!(at instanceof HTMLElement) || !at.matches(PRESSED)) return;
  const place = at.closest("dialog") ?? document.getElementById("main");
  place?.focus({ preventScroll: true });
}

/**
 * On a click of a pointer, before anything else hears of it: a dialog that opens gives the focus
 * back to where it was. A button that was reached by Tab still answers to its keys.
 */
export function afterClick(event: MouseEvent): void {
  if (event.detail > 0) leave();
}
