/** Any kind that the table does not know: its answers are JSON, and the server checks them. */
import type { Form } from "..";
import type { Answer } from "../../lib/api";
import { anyText, sameJson } from "../words";

/** The answer that a text spells; null while it spells none. */
export function parsed(text: string): Answer {
  try {
    const found: unknown = JSON.parse(text);
    return typeof found === "string" || (typeof found === "object" && found !== null)
      ? (found as Answer)
      : null;
  } catch {
    return null;
  }
}

/** The text to edit an answer in; empty where there is none. */
export const spelled = (answer: Answer): string =>
  answer === null ? "" : JSON.stringify(answer, null, 1);

export const json: Form = {
  text: anyText,
  same: sameJson,
  empty: null,
  keys: () => [],
  choices: () => [],
  draws: false,
};
