/** Questions as the server gives them, for tests. */
import type { Question } from "../src/lib/queue";

export const question = (item: number, more: Partial<Question> = {}): Question => ({
  content: { item, id: `i${item}`, fields: {}, media: null },
  suggestion: null,
  reason: "",
  ask: "label",
  shown: "blind",
  lease_until: 0,
  ...more,
});
