import { describe, expect, it } from "vitest";
import { ActiveTime, IDLE_MS } from "../src/lib/activity";
import { classKeys } from "../src/lib/keys";
import { HELD, Questions, type Question } from "../src/lib/queue";
import { conditionOf, emptyForm, formOf } from "../src/lib/rule";
import { answerText, duration, interval, same } from "../src/lib/show";
import { pieces } from "../src/lib/spans";

describe("active time", () => {
  it("counts work and leaves out what passes while nothing happens", () => {
    let now = 0;
    const time = new ActiveTime(() => now);
    now = 10_000;
    time.touch();
    now = 600_000; // ten minutes away
    time.touch();
    now += 5_000;
    expect(time.seconds()).toBeCloseTo((10_000 + IDLE_MS + 5_000) / 1000);
  });

  it("stops counting by itself and begins anew for another question", () => {
    let now = 0;
    const time = new ActiveTime(() => now);
    now = 10 * IDLE_MS;
    expect(time.seconds()).toBe(IDLE_MS / 1000);
    time.start();
    now += 2000;
    expect(time.seconds()).toBe(2);
  });
});

describe("keys", () => {
  it("gives each class its digit and its letter, but never a key that does something else", () => {
    const keys = classKeys([
      { name: "ham", key: "h" },
      { name: "zebra", key: "z" },
    ]);
    expect([...keys]).toEqual([
      ["1", "ham"],
      ["h", "ham"],
      ["2", "zebra"],
    ]);
  });

  it("has digits for nine classes and letters for more", () => {
    const classes = Array.from({ length: 12 }, (_, place) => ({
      name: `c${place}`,
      key: "abcdeghijklm"[place] ?? null,
    }));
    const keys = classKeys(classes);
    expect(keys.get("9")).toBe("c8");
    expect(keys.has("10")).toBe(false);
    expect(keys.get("m")).toBe("c11");
  });
});

const question = (item: number): Question => ({
  content: { item, id: `i${item}`, fields: {}, media: null },
  suggestion: null,
  reason: "",
  ask: "label",
  shown: "blind",
  lease_until: 0,
});

describe("questions held ready", () => {
  it("are filled up before they run out, and never doubled", async () => {
    let next = 0;
    const questions = new Questions(async (count, resume) => ({
      questions: [
        ...(resume ? [] : [question(next - 1)]), // a lease that is given twice
        ...Array.from({ length: count }, () => question(next++)),
      ],
      refilling: false,
      exam: null,
    }));
    await questions.fill();
    for (let place = 0; place < 20; place++) {
      expect(questions.current?.content.item).toBe(place);
      questions.advance();
      await questions.fill();
    }
    const held = questions.held.map(({ content }) => content.item);
    expect(new Set(held).size).toBe(held.length);
    expect(held.length).toBeLessThanOrEqual(HELD + 1);
  });

  it("say when there are none left, and put one back in front", async () => {
    const questions = new Questions(async () => ({ questions: [], refilling: false, exam: null }));
    await questions.fill();
    expect(questions.more).toBe("none");
    questions.putBack(question(7));
    expect(questions.current?.content.item).toBe(7);
  });
});

describe("a rule's form", () => {
  it.each([
    { keywords: ["free", "cash prize"] },
    { field: "title", keywords: ["a"], whole_word: false, case: true },
    { regex: "\\bcall \\d+", case: false },
    { regex: "CALL" },
    { field: "age", at_least: 18 },
    { field: "country", equals: "NO" },
    { field: "country", in: ["NO", "SE"] },
    { field: "age", missing: true },
    { any: [{ keywords: ["a"] }, { not: { regex: "b" } }] },
    { measure: "words", below: 5 },
    { field: "price", between: [1, 2] },
    { field: "x", equals: 3 },
  ])("gives back the condition %j", (when) => {
    expect(conditionOf(formOf(when))).toEqual(when);
  });

  it("is no condition while it is not whole", () => {
    expect(conditionOf(emptyForm())).toBeNull();
    expect(conditionOf({ ...emptyForm(), kind: "pattern" })).toBeNull();
    expect(conditionOf({ ...emptyForm(), kind: "number", number: "x" })).toBeNull();
    expect(conditionOf({ ...emptyForm(), kind: "value" })).toBeNull();
    expect(conditionOf({ ...emptyForm(), kind: "other", json: "[1" })).toBeNull();
    expect(conditionOf({ ...emptyForm(), kind: "other", json: "[1]" })).toBeNull();
  });
});

describe("marks in texts", () => {
  it("cut the text where they begin and end, overlaps included", () => {
    const cut = pieces("free cash now", [
      { start: 0, end: 9, title: "a" },
      { start: 5, end: 99, title: "b" },
      { start: 4, end: 4, title: "empty" },
    ]);
    expect(cut.map(({ text }) => text)).toEqual(["free ", "cash", " now"]);
    expect(cut.map(({ titles }) => titles)).toEqual([["a"], ["a", "b"], ["b"]]);
    expect(pieces("", [])).toEqual([]);
  });
});

describe("what people read", () => {
  it("is in plain words", () => {
    expect(answerText(null)).toBe("no label");
    expect(answerText([])).toBe("none of these");
    expect(answerText(["a", "b"])).toBe("a, b");
    expect(same(["a", "b"], ["b", "a"])).toBe(true);
    expect(same(["a"], null)).toBe(false);
    expect(duration(59)).toBe("59 s");
    expect(duration(600)).toBe("10 min");
    expect(duration(7200)).toBe("2.0 h");
    expect(interval({ value: 0.5, low: 0.4, high: 0.6 })).toBe("50.0 % (40.0–60.0)");
    expect(interval({ value: null, low: null, high: null })).toBe("–");
  });
});
