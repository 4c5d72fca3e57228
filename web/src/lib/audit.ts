/** A page of labels looked over: what is corrected, and what is sent of it. */
import type { Form, Said, Task } from "../annotate";
import type { Answer, Schemas } from "./api";

/** With so few answers, clicking through them is quicker than choosing in an editor. */
export const TURNS = 4;

/** What one click after another says instead of a label; null where it takes the editor. */
export function turnsOf(kind: Form, task: Task): Said[] | null {
  const choices = kind.choices(task);
  return choices.length > 1 && choices.length <= TURNS ? choices : null;
}

/** What the next click says instead of the label; null for the label as it was. */
export function turned(
  kind: Form,
  turns: readonly Said[],
  label: Answer,
  now: Answer,
): Said | null {
  const others = turns.filter((one) => !kind.same(one, label));
  return others[now === null ? 0 : others.findIndex((one) => kind.same(one, now)) + 1] ?? null;
}

/** The corrections after this one; whoever says what the label says anyway, corrects nothing. */
export function correctedWith(
  kind: Form,
  corrected: ReadonlyMap<number, Said>,
  row: Schemas["Row"],
  answer: Answer,
): Map<number, Said> {
  const changed = new Map(corrected);
  if (answer === null || kind.same(answer, row.label)) changed.delete(row.content.item);
  else changed.set(row.content.item, answer);
  return changed;
}

/**
 * What is sent of a page: every label as the person leaves it. What was taken over stands
 * already: of that only what is wrong.
 */
export const wordsOf = (
  rows: readonly Schemas["Row"][],
  corrected: ReadonlyMap<number, Said>,
  takenOver: boolean,
): { item: number; answer: Answer }[] =>
  rows
    .filter((row) => !takenOver || corrected.has(row.content.item))
    .map((row) => ({
      item: row.content.item,
      answer: corrected.get(row.content.item) ?? row.label ?? null,
    }));
