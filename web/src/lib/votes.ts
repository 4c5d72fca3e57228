/** What is sent when a person says something of an item. */
import type { Answer, Schemas } from "./api";

export type Vote = Schemas["VoteGiven"];

/** An answer as text, as the server writes it: a name as it is, all else as JSON. */
export const written = (answer: Answer): string =>
  answer === null || typeof answer === "string" ? (answer ?? "") : JSON.stringify(answer);

/** The answer that a text stands for; null for an empty one. */
export function readAnswer(text: string): Answer {
  if (text === "") return null;
  try {
    const found: unknown = JSON.parse(text);
    return typeof found === "object" && found !== null ? (found as Answer) : text;
  } catch {
    return text;
  }
}

export interface Word {
  item: number;
  answer: Answer;
  /** Where it was said: the kind of question, or the screen. */
  shown: Vote["shown"];
  /** Which classes the page showed. */
  schema: string;
  /** Active seconds; null where nobody counted. */
  seconds?: number | null;
  /** The person's vote that this one corrects. */
  supersedes?: string | null;
}

/** The vote of this moment, with a name of its own: sent twice it counts once. */
export const voteOf = (word: Word): Vote => ({
  id: crypto.randomUUID(),
  item: word.item,
  answer: word.answer,
  seconds: word.seconds ?? null,
  shown: word.shown,
  schema_version: word.schema,
  at: Date.now() / 1000,
  confidence: null,
  supersedes: word.supersedes ?? null,
});
