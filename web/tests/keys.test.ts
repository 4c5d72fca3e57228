// A fault here records a class that nobody meant, item after item, and nobody sees it.
import { describe, expect, it } from "vitest";
import type { Schemas } from "../src/lib/api";
import { actionOf, classOf, keyName, keyOf } from "../src/lib/keys";

const KEYS: Schemas["ActionKeys"] = {
  accept: "Enter",
  skip: " ",
  undo: "z",
  flag: "f",
  why: "/",
  help: "?",
  none: "0",
};

const classes = (of: Record<string, string[]>): Schemas["ClassShown"][] =>
  Object.entries(of).map(([name, keys]) => ({ name, key: keys[0] ?? null, keys }));

const press = (key: string, more: { code?: string; shift?: boolean; caps?: boolean } = {}) => ({
  key,
  code: more.code ?? "",
  shiftKey: more.shift ?? false,
  getModifierState: (name: string) => name === "CapsLock" && (more.caps ?? false),
});

describe("the key of a class", () => {
  it("is the one that the server gave it, and nothing by its place", () => {
    const thirteen = classes({ cat: ["c"], dog: ["d"], bird: ["b"], horse: ["h"], car: ["4"] });
    expect(classOf("4", thirteen)).toBe("car");
    expect(classOf("1", thirteen)).toBeNull();
    expect(classOf("c", thirteen)).toBe("cat");
  });

  it("may be several, or none", () => {
    const few = classes({ ham: ["h", "1"], spam: ["s", "2"], rest: [] });
    expect(["h", "1", "s", "2", "3", "r"].map((key) => classOf(key, few))).toEqual([
      "ham",
      "ham",
      "spam",
      "spam",
      null,
      null,
    ]);
  });

  it("is a small letter also as a capital, but only where no capital is a key", () => {
    expect(classOf("H", classes({ ham: ["h"] }))).toBe("ham");
    const many = classes({ ham: ["h"], spam: ["s"], eggs: ["S"] });
    expect(classOf("S", many)).toBe("eggs");
    expect(classOf("s", many)).toBe("spam");
    expect(classOf("H", many)).toBeNull();
  });

  it("is not `constructor` or any other word that objects know", () => {
    expect(classOf("constructor", classes({ ham: ["h"] }))).toBeNull();
    expect(actionOf("constructor", KEYS)).toBeNull();
  });
});

describe("the key that was pressed", () => {
  it("does not depend on Caps Lock", () => {
    expect(keyOf(press("A", { caps: true }))).toBe("a");
    expect(keyOf(press("a", { caps: true, shift: true }))).toBe("A");
    // A Mac writes a capital with both.
    expect(keyOf(press("A", { caps: true, shift: true }))).toBe("A");
    expect(keyOf(press("A", { shift: true }))).toBe("A");
    expect(keyOf(press("?", { caps: true, shift: true }))).toBe("?");
    expect(keyOf(press("Enter", { caps: true }))).toBe("Enter");
  });

  it("is the Latin letter in its place on a keyboard that has others", () => {
    expect(keyOf(press("ф", { code: "KeyA" }))).toBe("a");
    expect(keyOf(press("Ф", { code: "KeyA", shift: true }))).toBe("A");
    expect(keyOf(press("q", { code: "KeyA" }))).toBe("q"); // a French one says what it writes
    expect(keyOf(press("é", { code: "Digit2" }))).toBe("é");
  });
});

describe("the keys of the screen", () => {
  it("do what the server says", () => {
    const asked = ["Enter", " ", "z", "Z", "f", "/", "?", "0", "x", "enter"];
    expect(asked.map((key) => actionOf(key, KEYS))).toEqual([
      "accept",
      "skip",
      "undo",
      "undo",
      "flag",
      "why",
      "help",
      null,
      null,
      null,
    ]);
    expect(actionOf("u", { ...KEYS, undo: "u" })).toBe("undo");
  });

  it("have names", () => {
    expect([" ", "Enter", "z"].map(keyName)).toEqual(["space", "Enter", "z"]);
  });
});
