import { describe, expect, it } from "vitest";
import { ActiveTime, IDLE_MS, UNREAD_MS } from "../src/lib/activity";
import { HELD, Questions } from "../src/lib/queue";
import { conditionOf, draftOf, emptyDraft, emptyForm, formOf, ruleOf } from "../src/lib/rule";
import { duration, interval, shortText } from "../src/lib/show";
import { pieces } from "../src/lib/spans";
import { readAnswer, written } from "../src/lib/votes";
import { question } from "./questions";

// A fault here bills seconds that nobody worked, or forgets those that somebody did.
describe("active time", () => {
  it("never runs backwards, and counts no second twice", () => {
    let now = 0;
    const time = new ActiveTime(() => now);
    let last = 0;
    for (const step of [1000, IDLE_MS - 1, 1, IDLE_MS + 1, 5000, 0, 10 * IDLE_MS]) {
      now += step;
      expect(time.seconds()).toBeGreaterThanOrEqual(last);
      time.touch();
      last = time.seconds();
      expect(last).toBeLessThanOrEqual(now / 1000);
    }
  });

  it("knows for a moment that nobody can have read the question yet", () => {
    let now = 1000;
    const time = new ActiveTime(() => now);
    now += UNREAD_MS;
    expect(time.unread()).toBe(false);
    time.start();
    expect(time.unread()).toBe(true);
    now += UNREAD_MS - 1;
    time.touch();
    expect(time.unread()).toBe(true);
    now += 1;
    expect(time.unread()).toBe(false);
  });

  it("ends exactly where nobody is at work any more", () => {
    let now = 0;
    const time = new ActiveTime(() => now);
    now = IDLE_MS;
    time.touch(); // the last moment that still counts as one piece of work
    expect(time.seconds()).toBe(IDLE_MS / 1000);
    now = 2 * IDLE_MS + 1;
    time.touch();
    expect(time.seconds()).toBe((2 * IDLE_MS) / 1000);
  });

  it("hears what happens in a window, until it is told to stop", () => {
    const window = new EventTarget();
    let now = 0;
    const time = new ActiveTime(() => now);
    const stop = time.watch(window as Window);
    now = 2 * IDLE_MS;
    window.dispatchEvent(new Event("keydown"));
    now += 1000;
    expect(time.seconds()).toBe((IDLE_MS + 1000) / 1000);
    stop();
    now += 2 * IDLE_MS;
    window.dispatchEvent(new Event("keydown"));
    expect(time.seconds()).toBe((2 * IDLE_MS) / 1000);
  });

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

// A fault here asks a person the same item twice, or shows one and answers another.
describe("questions held ready", () => {
  it("are not asked for twice at once, and a dead network is tried again", async () => {
    let asked = 0;
    let online = false;
    const questions = new Questions(async (count, resume) => {
      asked++;
      if (!online) throw new Error("no network");
      expect(resume).toBe(true);
      return {
        questions: Array.from({ length: count }, (_, item) => question(item)),
        refilling: false,
        exam: null,
        random_first: null,
      };
    });
    const both = [questions.fill(), questions.fill()];
    await expect(Promise.all(both)).rejects.toThrow("no network");
    expect(asked).toBe(1);
    online = true;
    await questions.fill();
    expect(asked).toBe(2);
    expect(questions.held.length).toBe(HELD);
  });

  it("go on from what is held while the server is away, and are asked for again", async () => {
    let online = true;
    let asked = 0;
    const questions = new Questions(async (count) => {
      if (!online) throw new Error("no network");
      const fresh = Array.from({ length: count }, () => question(asked++));
      return { questions: fresh, refilling: false, exam: null, random_first: null };
    });
    await questions.fill();
    online = false;
    // That nothing came is no error of its own: the run of the tests fails on one nobody hears.
    for (let step = 0; step < HELD - 1; step++) {
      questions.advance();
      await Promise.resolve();
    }
    expect(questions.current?.content.item).toBe(HELD - 1);
    online = true;
    await new Promise((later) => setTimeout(later));
    questions.advance();
    await questions.fill();
    expect(questions.held.length).toBe(HELD);
  });

  it("hold a question that was put back once, in front", async () => {
    const questions = new Questions(async () => ({
      questions: [question(1), question(2)],
      refilling: true,
      exam: { tested: 1, right: 1, quiz: 2, held_back: false },
      random_first: { answers: 3, missing: 17, why: "17 more random answers" },
    }));
    const prepared: number[] = [];
    const other = new Questions(
      async () => ({ questions: [question(3)], refilling: false, exam: null, random_first: null }),
      () => undefined,
      (one) => prepared.push(one.content.item),
    );
    await questions.fill();
    await other.fill();
    expect(prepared).toEqual([3]);
    expect(questions.more).toBe("refilling");
    expect(questions.exam?.tested).toBe(1);
    expect(questions.randomFirst?.missing).toBe(17);
    questions.putBack(question(2));
    expect(questions.held.map(({ content }) => content.item)).toEqual([2, 1]);
  });

  it("are filled up before they run out, and never doubled", async () => {
    let next = 0;
    const questions = new Questions(async (count, resume) => ({
      questions: [
        ...(resume ? [] : [question(next - 1)]), // a lease that is given twice
        ...Array.from({ length: count }, () => question(next++)),
      ],
      refilling: false,
      exam: null,
      random_first: null,
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
    const questions = new Questions(async () => ({
      questions: [],
      refilling: false,
      exam: null,
      random_first: null,
    }));
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

// A fault here writes another rule into labelwright.toml than the one that was there.
describe("a rule that is changed", () => {
  it.each([
    { name: "a", vote: "spam", when: { keywords: ["x"] }, settings: {} },
    { name: "b", vote: ["spam", "ham"], when: { regex: "x" }, settings: { accuracy: 0.9 } },
    { name: "c", vote: [], when: { all: [{ keywords: ["x"] }] }, settings: {} },
    { name: "d", vote: { spam: false }, when: { field: "n", above: 1 }, settings: {} },
  ])("keeps all of $name that the person left alone", (rule) => {
    const draft = draftOf(rule, rule.name);
    expect(draft.replaces).toBe(rule.name);
    expect(ruleOf(draft)).toEqual(rule);
  });

  it("is not saved before it has a name, a vote and a condition", () => {
    const whole = draftOf({ name: "a", vote: [], when: { keywords: ["x"] }, settings: {} }, null);
    expect(ruleOf({ ...whole, name: " " })).toBeNull();
    expect(ruleOf({ ...whole, vote: null })).toBeNull();
    expect(ruleOf({ ...whole, form: emptyForm() })).toBeNull();
    expect(ruleOf(emptyDraft("spam"))).toBeNull();
    expect(ruleOf({ ...whole, name: " a " })?.name).toBe("a");
  });

  it.each([
    ["spam"],
    [["spam", "ham"]],
    [[]],
    [{ spam: false }],
    [null],
    ["[odd"],
    ["12"],
    ["true"],
  ])("begins with the answer %j, also through an address", (answer) =>
    expect(readAnswer(written(answer))).toEqual(answer),
  );
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
    const content = { item: 1, id: "i1", fields: { a: "one", b: 2, c: null }, media: null };
    expect(shortText(content, "a", 9)).toBe("one · 2");
    expect(shortText(content, "b", 9)).toBe("2 · one");
    expect(shortText(content, null, 9)).toBe("one · 2");
    expect(shortText({ ...content, fields: { c: null } }, "c", 9)).toBe("i1");
    expect(shortText({ ...content, media: "/m" }, "a", 9)).toBe("one");
    expect(duration(59)).toBe("59 s");
    expect(duration(600)).toBe("10 min");
    expect(duration(7200)).toBe("2.0 h");
    expect(interval({ value: 0.5, low: 0.4, high: 0.6 })).toBe("50.0 % (40.0–60.0)");
    expect(interval({ value: null, low: null, high: null })).toBe("–");
  });
});
