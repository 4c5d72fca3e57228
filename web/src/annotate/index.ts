/**
 * The table of kinds: how answers of each kind are given, shown and told.
 *
 * A kind of task is a folder here, called as in `tasks/` of the server, and a line in `KINDS`:
 *
 * - `kind.ts` says what can be said without a page (`Form`): answers in words, which are the same,
 *   which keys there are. It is plain and has tests.
 * - `Editor.svelte` takes `Editing` and lets a person make an answer. It is handed the item (its
 *   fields, and in `content.media` the address of its picture), the value so far and what the
 *   machine suggests; it calls `change` for every step, and `answer` where a click or a key says
 *   all of it. One editor lives from item to item: it follows its properties. It exports `press`,
 *   which is given every key that is not the screen's and says whether it had a meaning.
 * - `Shown.svelte` takes `Showing` and shows an answer to read, in the room that it is given: on a
 *   whole page or in a tile. A tile is a button, so there is nothing to press in it.
 *
 * A kind that sets `draws` owns the surface: screens leave the item's picture to its Editor and
 * its Shown, which load `content.media` themselves. Places in an answer are pixels of the picture
 * as it is: `naturalWidth` and `naturalHeight` of the loaded image are its size. Where doing nothing
 * is an answer too, its Editor says so (`change`) once the picture can be seen.
 *
 * Screens own accepting, skipping, taking back, flagging, why and help, with their keys
 * (`task.keys`). A kind may use the keys of the classes (`task.classes[n].keys`, which the server
 * deals out), `task.keys.none`, and keys with a name such as `Delete`, `Escape` or the arrows. A part
 * of an editor that has the focus may hear its keys itself: what it prevents, no screen hears.
 *
 * What is on no line of the table is edited and shown as JSON, and checked by the server.
 */
import type { Component } from "svelte";
import type { Answer, Schemas } from "../lib/api";
import BoxesEditor from "./boxes/Editor.svelte";
import { boxes } from "./boxes/kind";
import BoxesShown from "./boxes/Shown.svelte";
import ClassificationEditor from "./classification/Editor.svelte";
import { classification } from "./classification/kind";
import ClassificationShown from "./classification/Shown.svelte";
import JsonEditor from "./json/Editor.svelte";
import { json } from "./json/kind";
import JsonShown from "./json/Shown.svelte";
import MultilabelEditor from "./multilabel/Editor.svelte";
import { multilabel } from "./multilabel/kind";
import MultilabelShown from "./multilabel/Shown.svelte";

/** What a kind may know of the task: its classes with their keys, and the keys of the screens. */
export type Task = Pick<Schemas["Overview"], "classes" | "keys">;

/** An answer that says something; `null` stands for none. */
export type Said = Exclude<Answer, null>;

/** Keys and what they do, for the help. Only keys that `press` of the editor knows. */
export interface KeyHelp {
  keys: string[];
  does: string;
}

/** What there is to know of a kind without a page. */
export interface Form {
  /** The answer in a few words, on one line. */
  text(answer: Said): string;
  /** Whether two answers say the same. */
  same(one: Answer, other: Answer): boolean;
  /** The answer that nothing of all this is there; null where the kind has none. */
  empty: Answer;
  /** The keys of the editor. */
  keys(task: Task): KeyHelp[];
  /** All that one key or one click can say; empty where it takes an editor. */
  choices(task: Task): Said[];
  /** Whether Editor and Shown draw the item's picture themselves. */
  draws: boolean;
}

/** What an editor is given. */
export interface Editing {
  task: Task;
  /** The item; null where an answer is made that belongs to none, as the vote of a rule. */
  content: Schemas["Content"] | null;
  /** The answer so far; null where nothing was said yet. It begins as what is suggested. */
  value: Answer;
  /** What the machine says; null where it says nothing or shall not be told. */
  suggestion: Answer;
  /** Whether keys reach the editor here. Where not, it shows none. */
  keyed: boolean;
  /** The answer so far is this now. */
  change: (value: Answer) => void;
  /** This is the answer. */
  answer: (value: Said) => void;
}

/** What an editor exports. */
export interface Keyed {
  /** Does what this key means here; says whether it means anything. */
  press(key: string): boolean;
}

/** What is given to show an answer. */
export interface Showing {
  task: Task;
  content: Schemas["Content"];
  answer: Answer;
}

export interface Kind extends Form {
  Editor: Component<Editing, Keyed>;
  Shown: Component<Showing>;
}

const JSON_KIND: Kind = { ...json, Editor: JsonEditor, Shown: JsonShown };

export const KINDS: ReadonlyMap<string, Kind> = new Map([
  [
    "classification",
    { ...classification, Editor: ClassificationEditor, Shown: ClassificationShown },
  ],
  ["multilabel", { ...multilabel, Editor: MultilabelEditor, Shown: MultilabelShown }],
  ["boxes", { ...boxes, Editor: BoxesEditor, Shown: BoxesShown }],
]);

/** The kind of this name; where the table has none, the one that edits JSON. */
export const kindOf = (name: string): Kind => KINDS.get(name) ?? JSON_KIND;

/** An answer of a kind in a few words, also where there is none. */
export const answerText = (kind: Form, answer: Answer | undefined): string =>
  answer === null || answer === undefined ? "no label" : kind.text(answer);
