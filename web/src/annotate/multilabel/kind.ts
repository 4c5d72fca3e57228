/** Any number of classes an item. An answer is the list of them; a source may say some only. */
import type { Form, Task } from "..";
import type { Answer } from "../../lib/api";
import { anyText, sameJson, sharesText } from "../words";

/** The names that an answer names; none where it is no list of them. */
export const namesIn = (answer: Answer): string[] =>
  Array.isArray(answer) ? answer.filter((one) => typeof one === "string") : [];

/**
 * The answer with this class turned on or off, in the order of the task. Without the last class
 * nothing is said any more: that none of them belongs is an answer of its own.
 */
export function toggled(answer: Answer, name: string, task: Pick<Task, "classes">): Answer {
  const names = new Set(namesIn(answer));
  if (!names.delete(name)) names.add(name);
  const left = task.classes.map((one) => one.name).filter((one) => names.has(one));
  return left.length === 0 ? null : left;
}

export const multilabel: Form = {
  text: (answer) => {
    const names = namesIn(answer);
    if (Array.isArray(answer) && names.length === answer.length)
      return names.join(", ") || "none of these";
    return typeof answer === "object" && !Array.isArray(answer)
      ? sharesText(answer)
      : anyText(answer);
  },
  same: (one, other) =>
    Array.isArray(one) && Array.isArray(other)
      ? sameJson([...one].sort(), [...other].sort())
      : sameJson(one, other),
  empty: [],
  keys: ({ classes, keys }) => [
    ...classes.map((one) => ({ keys: one.keys, does: `${one.name}: on or off` })),
    { keys: keys.none === null ? [] : [keys.none], does: "none of these" },
  ],
  choices: () => [],
  draws: false,
};
