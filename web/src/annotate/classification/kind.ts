/** One class an item. An answer is its name; a source may say shares of several. */
import type { Form } from "..";
import { anyText, sameJson, sharesText } from "../words";

export const classification: Form = {
  text: (answer) =>
    typeof answer === "object" && !Array.isArray(answer) ? sharesText(answer) : anyText(answer),
  same: sameJson,
  empty: null,
  keys: ({ classes }) => classes.map(({ name, keys }) => ({ keys, does: name })),
  choices: ({ classes }) => classes.map(({ name }) => name),
  draws: false,
};
