// A fault here sends the server an answer of another shape or with a class lost: it is refused,
// and the work is lost, or it is taken, and the label is wrong.
import { describe, expect, it } from "vitest";
import { KINDS, answerText, kindOf, type Form, type Task } from "../src/annotate";
import { classification } from "../src/annotate/classification/kind";
import { json, parsed, spelled } from "../src/annotate/json/kind";
import { multilabel, namesIn, toggled } from "../src/annotate/multilabel/kind";

const task: Task = {
  classes: [
    { name: "spam", key: "s", keys: ["s", "1"] },
    { name: "ham", key: "h", keys: ["h", "2"] },
    { name: "rare", key: null, keys: [] },
  ],
  keys: { accept: "Enter", skip: " ", undo: "z", flag: "f", why: "/", help: "?", none: "0" },
};

describe("the table of kinds", () => {
  it("edits as JSON what it does not know", () => {
    expect([...KINDS.keys()]).toEqual(["classification", "multilabel", "boxes"]);
    expect(kindOf("multilabel").empty).toEqual([]);
    expect(kindOf("relations").choices).toBe(json.choices);
    expect(kindOf("constructor").choices).toBe(json.choices);
  });

  it.each([...KINDS, ["json", json]] as [string, Form][])(
    "%s: an answer is the same as itself and as its copy, and no answer is only itself",
    (_, kind) => {
      const answers = ["spam", ["spam", "ham"], [], { spam: 0.5 }, [{ label: "a", box: [1, 2] }]];
      for (const one of answers) {
        expect(kind.same(one, structuredClone(one))).toBe(true);
        expect(kind.same(one, null)).toBe(false);
        expect(kind.text(one)).not.toContain("[object");
        for (const other of answers) expect(kind.same(one, other)).toBe(one === other);
      }
      expect(kind.same(null, null)).toBe(true);
    },
  );

  it.each([...KINDS, ["json", json]] as [string, Form][])(
    "%s: shows only keys that the server gave",
    (_, kind) => {
      const given = new Set([...task.classes.flatMap(({ keys }) => keys), task.keys.none]);
      for (const { keys } of kind.keys(task))
        for (const key of keys) expect(key.length > 1 || given.has(key)).toBe(true);
    },
  );

  it("says where there is no answer", () => {
    expect(answerText(classification, null)).toBe("no label");
    expect(answerText(multilabel, undefined)).toBe("no label");
    expect(answerText(multilabel, [])).toBe("none of these");
  });
});

describe("classification", () => {
  it("is said with one key", () => {
    expect(classification.choices(task)).toEqual(["spam", "ham", "rare"]);
    expect(classification.empty).toBeNull();
    expect(classification.keys(task)[0]).toEqual({ keys: ["s", "1"], does: "spam" });
  });

  it("tells what a source is not sure of", () => {
    expect(classification.text("spam")).toBe("spam");
    expect(classification.text({ spam: 0.8, ham: 0.2 })).toBe("spam 80 %, ham 20 %");
  });
});

describe("multilabel", () => {
  it("turns classes on and off, in the order of the task", () => {
    const one = toggled(null, "ham", task);
    expect(one).toEqual(["ham"]);
    const two = toggled(one, "spam", task);
    expect(two).toEqual(["spam", "ham"]);
    expect(toggled(two, "ham", task)).toEqual(["spam"]);
    expect(one).toEqual(["ham"]);
  });

  it("says nothing without its last class: `none of these` is said on its own", () => {
    expect(toggled(["ham"], "ham", task)).toBeNull();
    expect(multilabel.empty).toEqual([]);
    expect(toggled([], "ham", task)).toEqual(["ham"]);
  });

  it("leaves out a class that is gone", () => {
    expect(toggled(["gone", "ham"], "spam", task)).toEqual(["spam", "ham"]);
    expect(namesIn("ham")).toEqual([]);
    expect(namesIn({ ham: true })).toEqual([]);
  });

  it("does not mind the order", () => {
    expect(multilabel.same(["a", "b"], ["b", "a"])).toBe(true);
    expect(multilabel.same([], null)).toBe(false);
    expect(multilabel.text(["a", "b"])).toBe("a, b");
    expect(multilabel.text({ a: true, b: false, c: 0.25 })).toBe("a, not b, c 25 %");
  });

  it("needs an editor, and says what its keys do", () => {
    expect(multilabel.choices(task)).toEqual([]);
    expect(multilabel.keys(task).at(-1)).toEqual({ keys: ["0"], does: "none of these" });
    const without = { ...task, keys: { ...task.keys, none: null } };
    expect(multilabel.keys(without).at(-1)?.keys).toEqual([]);
  });
});

describe("any other kind", () => {
  it.each([["spam"], [["a", "b"]], [[]], [{ a: 1 }], [[{ label: "car", box: [0, 1] }]]])(
    "gives back the answer %j that it spelled",
    (answer) => expect(parsed(spelled(answer))).toEqual(answer),
  );

  it.each(["", "[", "spam", "1", "null", "true"])("takes %j for no answer", (text) =>
    expect(parsed(text)).toBeNull(),
  );

  it("compares objects whatever the order of their members", () => {
    expect(json.same([{ a: 1, b: { c: 2, d: 3 } }], [{ b: { d: 3, c: 2 }, a: 1 }])).toBe(true);
    expect(json.same([1, 2], [2, 1])).toBe(false);
  });
});
