// A fault here gives an answer to another item than the person saw, sends one twice, or lets one
// correct a vote on another item: votes that are never edited, and wrong for ever.
import { describe, expect, it } from "vitest";
import { ApiError } from "../src/lib/api";
import { Questions } from "../src/lib/queue";
import { Memory, Sitting, type Ways } from "../src/lib/sitting";
import type { Vote } from "../src/lib/votes";
import { question } from "./questions";

/** Somebody who is asked about items 0, 1, 2 ..., and all that reached outbox and server. */
async function sat(more: Partial<Ways> = {}, memory = new Memory(), first = 0) {
  let next = first;
  const questions = new Questions(async (count) => ({
    questions: Array.from({ length: count }, () => question(next++)),
    refilling: false,
    exam: null,
    random_first: null,
  }));
  await questions.fill();
  const votes: Vote[] = [];
  const here = new Set<string>();
  const undone: string[] = [];
  const skipped: number[] = [];
  const ways: Ways = {
    put: async (vote) => {
      votes.push(vote);
      here.add(vote.id);
    },
    drop: async (id) => here.delete(id),
    undo: async (id) => undone.push(id),
    skip: async (item) => skipped.push(item),
    ...more,
  };
  const sitting = new Sitting(questions, ways, () => undefined, memory);
  const item = () => questions.current?.content.item;
  const say = (answer: Vote["answer"]) => sitting.answer(answer, 1.234, "7");
  /** Everything that waited was sent. */
  const sent = () => here.clear();
  return { sitting, questions, votes, undone, skipped, item, say, sent };
}

describe("an answer", () => {
  it("goes to the item that was shown, with what was shown of it", async () => {
    const { votes, say, item } = await sat();
    await say("a");
    expect(item()).toBe(1);
    await say(null);
    expect(votes.map((vote) => [vote.item, vote.answer])).toEqual([
      [0, "a"],
      [1, null],
    ]);
    expect(votes[0]).toMatchObject({ seconds: 1.2, schema_version: "7", shown: "blind" });
    expect(votes[0]?.id).not.toBe(votes[1]?.id);
  });

  it("given twice in a moment goes to two items, not twice to one", async () => {
    const { votes, say } = await sat();
    await Promise.all([say("a"), say("b")]);
    expect(votes.map(({ item }) => item)).toEqual([0, 1]);
  });

  it("that cannot be kept on the device puts its question back and says so", async () => {
    const { sitting, say, item } = await sat({ put: () => Promise.reject(new Error("full")) });
    await expect(say("a")).rejects.toThrow("full");
    expect(item()).toBe(0);
    expect(sitting.given).toEqual([]);
  });

  it("to no question is none", async () => {
    const { questions, say, votes } = await sat();
    questions.held = [];
    expect(await say("a")).toBe(false);
    expect(votes).toEqual([]);
  });
});

describe("taking back", () => {
  it("an answer that was not sent leaves no trace", async () => {
    const { sitting, undone, votes, say, item } = await sat();
    await say("a");
    expect(await sitting.undo()).toBe(true);
    expect(item()).toBe(0);
    expect(undone).toEqual([]);
    await say("b");
    expect(votes[1]).toMatchObject({ item: 0, answer: "b", supersedes: null });
  });

  it("an answer that was sent is told to the server, and the next one corrects it", async () => {
    const { sitting, undone, votes, say, sent } = await sat();
    await say("a");
    sent();
    await sitting.undo();
    expect(undone).toEqual([votes[0]?.id]);
    await say("b");
    expect(votes[1]).toMatchObject({ item: 0, supersedes: votes[0]?.id });
  });

  it("and then skipping corrects nothing on another item", async () => {
    const { sitting, skipped, votes, say, sent } = await sat();
    await say("a");
    sent();
    await sitting.undo();
    await sitting.skip(1);
    expect(skipped).toEqual([0]);
    await say("b");
    expect(votes[1]).toMatchObject({ item: 1, supersedes: null });
  });

  it("two answers keeps apart what each corrects", async () => {
    const { sitting, votes, say, sent, item } = await sat();
    await say("a");
    await say("b");
    sent();
    await sitting.undo();
    await sitting.undo();
    expect(item()).toBe(0);
    await say("c");
    await say("d");
    expect(votes.slice(2)).toMatchObject([
      { item: 0, supersedes: votes[0]?.id },
      { item: 1, supersedes: votes[1]?.id },
    ]);
  });

  it("a correction that was not sent still corrects the first answer", async () => {
    const { sitting, votes, say, sent } = await sat();
    await say("a");
    sent();
    await sitting.undo();
    await say("b");
    await sitting.undo();
    await say("c");
    expect(votes[2]).toMatchObject({ item: 0, supersedes: votes[0]?.id });
  });

  it("lets nothing be answered or skipped before it is done", async () => {
    let done = (): void => undefined;
    const waiting = new Promise<void>((resolve) => (done = resolve));
    const { sitting, votes, skipped, say, sent } = await sat({ undo: () => waiting });
    await say("a");
    sent();
    const undoing = sitting.undo();
    expect(await say("b")).toBe(false);
    expect(await sitting.skip(1)).toBe(false);
    expect(await sitting.undo()).toBe(false);
    done();
    await undoing;
    expect(votes.length).toBe(1);
    expect(skipped).toEqual([]);
  });

  it("what the server does not give back leaves the answer before it", async () => {
    const refuse = () => Promise.reject(new ApiError(409, "a test question stands"));
    const { sitting, say, sent } = await sat({ undo: refuse });
    await say("a");
    await say("b");
    sent();
    await expect(sitting.undo()).rejects.toThrow("stands");
    expect(sitting.given.map(({ question }) => question.content.item)).toEqual([0]);
  });

  it("waits for a server that is away", async () => {
    const away = () => Promise.reject(new ApiError(0, "no network"));
    const { sitting, say, sent } = await sat({ undo: away });
    await say("a");
    sent();
    await expect(sitting.undo()).rejects.toThrow("no network");
    expect(sitting.given.length).toBe(1);
  });

  it("nothing is nothing", async () => {
    const { sitting } = await sat();
    expect(await sitting.undo()).toBe(false);
  });

  it("goes on where the screen was left and opened again", async () => {
    const memory = new Memory();
    const before = await sat({}, memory);
    await before.say("a");
    await before.say("b");
    const { sitting, undone, votes, say, item } = await sat({}, memory, 2);
    expect(sitting.given.length).toBe(2);
    await sitting.undo();
    expect(undone).toEqual([before.votes[1]?.id]);
    expect(item()).toBe(1);
    await say("c");
    expect(votes[0]).toMatchObject({ item: 1, answer: "c", supersedes: before.votes[1]?.id });
    expect(item()).toBe(2);
  });

  it("before leaving is still corrected by the answer after coming back", async () => {
    const memory = new Memory();
    const before = await sat({}, memory);
    await before.say("a");
    before.sent();
    await before.sitting.undo();
    const { votes, say } = await sat({}, memory);
    await say("b");
    expect(votes[0]).toMatchObject({ item: 0, supersedes: before.votes[0]?.id });
  });
});
