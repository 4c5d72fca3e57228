import "fake-indexeddb/auto";
import { describe, expect, it, vi } from "vitest";
import { ApiError } from "../src/lib/api";
import { Outbox, type Taken, type Vote } from "../src/lib/outbox";

const vote = (id: string): Vote => ({
  id,
  item: 1,
  answer: "spam",
  shown: "blind",
  schema_version: "1",
});
const taken = (votes: Vote[]): Taken[] =>
  votes.map(({ id }) => ({ id, status: "taken", detail: "", told: "" }));
let databases = 0;
const fresh = (): string => `test-${databases++}`;

// A fault here loses what a person said, or says it twice, or in another order.
describe("the outbox", () => {
  it("counts what waits as it changes, and sends what was put while it was sending", async () => {
    const waiting: number[] = [];
    const sent: string[] = [];
    let more: Promise<void> | null = null;
    const box: Outbox = new Outbox(
      fresh(),
      async (votes) => {
        sent.push(...votes.map(({ id }) => id));
        more ??= box.put(vote("a-vote-02"));
        await more;
        return taken(votes);
      },
      (state) => waiting.push(state.waiting),
    );
    await box.put(vote("a-vote-01"));
    while (box.state.waiting > 0 || sent.length < 2) await box.flush();
    expect(sent).toEqual(["a-vote-01", "a-vote-02"]);
    expect(waiting).toContain(2);
  });

  it("says that an answer waits while the disk is still busy with it", async () => {
    const box = new Outbox(fresh(), () => Promise.reject(new ApiError(0, "no network")));
    const kept = box.put(vote("a-vote-01"));
    expect(box.state.waiting).toBe(1);
    await kept;
    expect(box.state.waiting).toBe(1);
  });

  it("keeps the votes of two people apart on one device", async () => {
    const down = () => Promise.reject(new ApiError(0, "no network"));
    const [ann, bob] = [new Outbox(fresh(), down), new Outbox(fresh(), down)];
    await ann.put(vote("a-vote-01"));
    expect((await ann.votes()).length).toBe(1);
    expect(await bob.votes()).toEqual([]);
  });

  it("keeps an answer of any kind as it was given", async () => {
    const answers = [["a", "b"], [], { a: 0.5 }, [{ label: "car", box: [0, 1, 2, 3] }], null];
    const got: unknown[] = [];
    const box = new Outbox(fresh(), async (votes) => {
      got.push(...votes.map(({ answer }) => answer));
      return taken(votes);
    });
    for (const [place, answer] of answers.entries())
      await box.put({ ...vote(`a-vote-0${place}`), answer });
    await box.flush();
    await box.flush();
    expect(got).toEqual(answers);
  });

  it("sends fewer votes at once where they are too large together, and none of them is lost", async () => {
    const got: string[] = [];
    const box = new Outbox(fresh(), async (votes) => {
      if (JSON.stringify(votes).length > 2500) throw new ApiError(413, "at most 2,500 bytes");
      got.push(...votes.map(({ id }) => id));
      return taken(votes);
    });
    const large = Array.from({ length: 20 }, () => ({ label: "car", box: [0, 1, 2, 3] }));
    for (const place of [0, 1, 2, 3, 4]) {
      const answer = place === 2 ? [...large, ...large, ...large, ...large] : large;
      await box.put({ ...vote(`a-vote-0${place}`), answer });
    }
    while (box.state.waiting > 0) await box.flush();
    expect(got).toEqual(["a-vote-00", "a-vote-01", "a-vote-03", "a-vote-04"]);
    expect(box.state.refused.map(({ vote, why }) => [vote.id, why])).toEqual([
      ["a-vote-02", "at most 2,500 bytes"],
    ]);
  });

  it("does not drop a vote that is on its way: the server may have it", async () => {
    let arrived = (): void => undefined;
    const way = new Promise<void>((resolve) => (arrived = resolve));
    const box = new Outbox(fresh(), async (votes) => {
      await way;
      return taken(votes);
    });
    await box.put(vote("a-vote-01"));
    const dropped = box.drop("a-vote-01");
    arrived();
    expect(await dropped).toBe(false);
  });

  it("sends what is put into it, once", async () => {
    const send = vi.fn(async (votes: Vote[]) => taken(votes));
    const box = new Outbox(fresh(), send);
    await box.put(vote("a-vote-01"));
    await box.flush();
    await box.flush();
    expect(send).toHaveBeenCalledTimes(1);
    expect(box.state).toMatchObject({ waiting: 0, trouble: "" });
  });

  it("keeps votes in order over a dead network and a new page, and sends them again", async () => {
    const name = fresh();
    const dead = new Outbox(name, () => Promise.reject(new ApiError(0, "no network")));
    await dead.put(vote("a-vote-01"));
    await dead.put(vote("a-vote-02"));
    await dead.flush();
    expect(dead.state).toMatchObject({ waiting: 2, trouble: "no network", signIn: false });
    const sent: string[] = [];
    const reborn = new Outbox(name, async (votes) => {
      sent.push(...votes.map(({ id }) => id));
      return taken(votes);
    });
    await reborn.flush();
    expect(sent).toEqual(["a-vote-01", "a-vote-02"]);
    expect(await reborn.votes()).toEqual([]);
  });

  it("says that somebody must sign in, and keeps the votes", async () => {
    const box = new Outbox(fresh(), () => Promise.reject(new ApiError(401, "sign in")));
    await box.put(vote("a-vote-01"));
    await box.flush();
    expect(box.state).toMatchObject({ waiting: 1, signIn: true });
  });

  it("tells what the server says of a test question, until it is seen", async () => {
    const send = async (votes: Vote[]): Promise<Taken[]> =>
      taken(votes).map((one) => ({ ...one, told: "the answer is ham" }));
    const box = new Outbox(fresh(), send);
    await box.put(vote("a-vote-01"));
    await box.flush();
    expect(box.state.told.map(({ why }) => why)).toEqual(["the answer is ham"]);
    box.seen("a-vote-01");
    expect(box.state.told).toEqual([]);
  });

  it("shows what the server will never take, and sends it no more", async () => {
    const send = vi.fn(async (votes: Vote[]) =>
      votes.map(({ id }) => ({
        id,
        status: "refused" as const,
        detail: "no such class",
        told: "",
      })),
    );
    const box = new Outbox(fresh(), send);
    await box.put(vote("a-vote-01"));
    await box.flush();
    expect(box.state.refused[0]?.why).toBe("no such class");
    expect(box.state.waiting).toBe(0);
    box.forgive();
    expect(box.state.refused).toEqual([]);
  });

  it("keeps what the server did not mention", async () => {
    const box = new Outbox(fresh(), async () => []);
    await box.put(vote("a-vote-01"));
    await box.flush();
    expect(box.state.waiting).toBe(1);
    expect(box.state.trouble).not.toBe("");
  });

  it("drops a vote only while it is here", async () => {
    let online = false;
    const box = new Outbox(fresh(), async (votes) => {
      if (!online) throw new ApiError(0, "no network");
      return taken(votes);
    });
    await box.put(vote("a-vote-01"));
    await box.flush();
    expect(await box.drop("a-vote-01")).toBe(true);
    expect(box.state.waiting).toBe(0);
    online = true;
    await box.put(vote("a-vote-02"));
    await box.flush();
    expect(await box.drop("a-vote-02")).toBe(false);
  });

  it("sends hundreds of votes in requests of at most a hundred", async () => {
    const sizes: number[] = [];
    let online = false;
    const box = new Outbox(fresh(), async (votes) => {
      if (!online) throw new ApiError(503, "busy", 1);
      sizes.push(votes.length);
      return taken(votes);
    });
    for (let place = 0; place < 250; place++) await box.put(vote(`a-vote-${place + 1000}`));
    await box.flush();
    online = true;
    await box.flush();
    await box.flush();
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(250);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(100);
  });
});
