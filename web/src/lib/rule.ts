/** The simple shapes of a rule's condition that the form edits; anything else is edited as JSON. */

import type { Answer, Schemas } from "./api";

export type Kind = "words" | "pattern" | "number" | "value" | "missing" | "other";

export interface Form {
  kind: Kind;
  /** The field that it looks at; empty for the project's text. */
  field: string;
  /** Words or values, one a line. */
  lines: string;
  pattern: string;
  limit: "above" | "at_least" | "below" | "at_most";
  number: string;
  wholeWord: boolean;
  case: boolean;
  json: string;
}

export type Condition = Record<string, unknown>;

const LIMITS = ["above", "at_least", "below", "at_most"] as const;

export const emptyForm = (): Form => ({
  kind: "words",
  field: "",
  lines: "",
  pattern: "",
  limit: "at_least",
  number: "",
  wholeWord: true,
  case: false,
  json: "{}",
});

const listed = (lines: string): string[] =>
  lines
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");

/** The condition that the form stands for; null while it says nothing yet. */
export function conditionOf(form: Form): Condition | null {
  const field = form.field === "" ? {} : { field: form.field };
  const flags = {
    ...(form.wholeWord ? {} : { whole_word: false }),
    ...(form.case ? { case: true } : {}),
  };
  if (form.kind === "words") {
    const words = listed(form.lines);
    return words.length === 0 ? null : { ...field, keywords: words, ...flags };
  }
  if (form.kind === "pattern") {
    const flag = form.case ? {} : { case: false };
    return form.pattern === "" ? null : { ...field, regex: form.pattern, ...flag };
  }
  if (form.kind === "number") {
    const value = Number(form.number);
    return form.number.trim() === "" || Number.isNaN(value)
      ? null
      : { ...field, [form.limit]: value };
  }
  if (form.kind === "value") {
    const values = listed(form.lines);
    if (values.length === 0) return null;
    return values.length === 1 ? { ...field, equals: values[0] } : { ...field, in: values };
  }
  if (form.kind === "missing") return { ...field, missing: true };
  try {
    const parsed: unknown = JSON.parse(form.json);
    return parsed !== null && typeof parsed === "object" && !Array.isArray(parsed)
      ? (parsed as Condition)
      : null;
  } catch {
    return null;
  }
}

/** The form that edits a condition; as JSON where no simple form says all of it. */
export function formOf(when: Condition): Form {
  const form = { ...emptyForm(), json: JSON.stringify(when, null, 2) };
  const { field, whole_word: wholeWord, case: sensitive, ...rest } = when;
  if (typeof field === "string") form.field = field;
  const [name, value] = Object.entries(rest)[0] ?? [];
  if (Object.keys(rest).length !== 1 || name === undefined) return { ...form, kind: "other" };
  const texts = Array.isArray(value) && value.every((one) => typeof one === "string");
  form.wholeWord = wholeWord !== false;
  form.case = sensitive === true;
  if (name === "keywords" && texts) return { ...form, kind: "words", lines: value.join("\n") };
  if (name === "regex" && typeof value === "string" && wholeWord === undefined)
    return { ...form, kind: "pattern", pattern: value, case: sensitive !== false };
  if (wholeWord !== undefined || sensitive !== undefined) return { ...form, kind: "other" };
  if (LIMITS.some((limit) => limit === name) && typeof value === "number")
    return { ...form, kind: "number", limit: name as Form["limit"], number: String(value) };
  if (name === "equals" && typeof value === "string")
    return { ...form, kind: "value", lines: value };
  if (name === "in" && texts) return { ...form, kind: "value", lines: value.join("\n") };
  if (name === "missing" && value === true) return { ...form, kind: "missing" };
  return { ...form, kind: "other" };
}

/** A rule as it is being written. */
export interface Draft {
  name: string;
  /** What it votes, as a whole; null while nobody has said so. */
  vote: Answer;
  form: Form;
  /** What else the file says of the rule; the form leaves it as it is. */
  settings: Record<string, unknown>;
  /** The rule in whose place it goes; null for a new one. */
  replaces: string | null;
}

export const emptyDraft = (vote: Answer): Draft => ({
  name: "",
  vote,
  form: emptyForm(),
  settings: {},
  replaces: null,
});

/** A rule, to be changed or (without `replaces`) to begin another with. */
export const draftOf = (
  rule: Pick<Schemas["RuleGiven"], "name" | "vote" | "when" | "settings">,
  replaces: string | null,
): Draft => ({
  name: rule.name,
  vote: rule.vote,
  form: formOf(rule.when as Condition),
  settings: (rule.settings ?? {}) as Record<string, unknown>,
  replaces,
});

/** The rule that is saved; null while it is not whole. */
export function ruleOf(draft: Draft): Schemas["RuleGiven"] | null {
  const when = conditionOf(draft.form);
  const name = draft.name.trim();
  return when === null || draft.vote === null || name === ""
    ? null
    : { name, vote: draft.vote, when, settings: draft.settings };
}
