// A fault here confirms as a person's answer what the person called wrong, for a page at a time.
import { describe, expect, it } from "vitest";
import type { Said, Task } from "../src/annotate";
import { classification } from "../src/annotate/classification/kind";
import { multilabel } from "../src/annotate/multilabel/kind";
import type { Answer, Schemas } from "../src/lib/api";
import { correctedWith, turned, turnsOf, wordsOf } from "../src/lib/audit";

const row = (item: number, label: Answer): Schemas["Row"] => ({
  content: { item, id: `i${item}`, fields: {}, media: null },
  label,
  confidence: 0.5,
  disagreement: 0,
  votes: 1,
  answered: false,
});

const task = (...names: string[]): Task => ({
  classes: names.map((name) => ({ name, key: null, keys: [] })),
  keys: { accept: "Enter", skip: " ", undo: "z", flag: "f", why: "/", help: "?", none: null },
});

describe("a click on a label", () => {
  it("names one class after another, then the label as it was", () => {
    const turns = turnsOf(classification, task("a", "b", "c"));
    expect(turns).toEqual(["a", "b", "c"]);
    const said: Answer[] = [];
    let now: Said | null = null;
    do said.push((now = turned(classification, turns ?? [], "b", now)));
    while (now !== null);
    expect(said).toEqual(["a", "c", null]);
  });

  it("opens the editor where there are many classes, one, or answers of another kind", () => {
    expect(turnsOf(classification, task("a", "b", "c", "d", "e"))).toBeNull();
    expect(turnsOf(classification, task("a"))).toBeNull();
    expect(turnsOf(multilabel, task("a", "b"))).toBeNull();
  });
});

describe("a correction", () => {
  it("is what differs from the label; saying what it says is none", () => {
    const first = correctedWith(multilabel, new Map(), row(1, ["a", "b"]), ["a"]);
    expect([...first]).toEqual([[1, ["a"]]]);
    expect([...correctedWith(multilabel, first, row(1, ["a", "b"]), ["b", "a"])]).toEqual([]);
    expect([...correctedWith(multilabel, first, row(1, ["a", "b"]), null)]).toEqual([]);
    expect([...first]).toEqual([[1, ["a"]]]);
  });

  it("may say that none of the classes belongs", () => {
    const corrected = correctedWith(multilabel, new Map(), row(1, ["a"]), []);
    expect(wordsOf([row(1, ["a"])], corrected, false)).toEqual([{ item: 1, answer: [] }]);
  });
});

describe("a page that is accepted", () => {
  const rows = [row(1, ["a"]), row(2, ["a", "b"]), row(3, [])];

  it("sends every label, whole, as the person leaves it", () => {
    expect(wordsOf(rows, new Map([[1, ["b", "c"]]]), false)).toEqual([
      { item: 1, answer: ["b", "c"] },
      { item: 2, answer: ["a", "b"] },
      { item: 3, answer: [] },
    ]);
  });

  it("of what was taken over sends only what is wrong", () => {
    expect(wordsOf(rows, new Map([[2, ["b"]]]), true)).toEqual([{ item: 2, answer: ["b"] }]);
  });
});
