/**
 * Answers on their way to the server. What is put here survives a reload, a crash of the browser
 * and days without a network: it is kept in IndexedDB until the server says it has it.
 */
import { ApiError, type Schemas } from "./api";

export type Vote = Schemas["VoteGiven"];
export type Taken = Schemas["VoteTaken"];
export type Send = (votes: Vote[]) => Promise<Taken[]>;

const STORE = "votes";
/** At most so many votes go in one request. */
const BATCH = 100;
const TOO_LARGE = 413;
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 30_000;

export interface State {
  /** How many votes the server does not have yet. */
  waiting: number;
  /** Why the last try failed; empty if it did not. */
  trouble: string;
  /** Whether the person must sign in before anything can be sent. */
  signIn: boolean;
  /** Votes that the server will never take, with its reasons. */
  refused: { vote: Vote; why: string }[];
  /** Wrong answers to hidden test questions, with what the server told of them. */
  told: { vote: Vote; why: string }[];
}

export class Outbox {
  readonly state: State = { waiting: 0, trouble: "", signIn: false, refused: [], told: [] };
  private readonly ready: Promise<IDBDatabase>;
  private sending: Promise<void> | null = null;
  /** How many votes are on their way into the database. */
  private keeping = 0;
  private again = false;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private wait = FIRST_WAIT_MS;
  /** So many votes go in the next request: fewer, while together they are too large. */
  private batch = BATCH;

  /**
   * @param name of the database: one for each project and person, so that nobody sends as another.
   * @param send brings votes to the server.
   * @param changed is called whenever the state has changed.
   */
  constructor(
    name: string,
    private readonly send: Send,
    private readonly changed: (state: State) => void = () => undefined,
  ) {
    this.ready = open(name);
  }

  /** Keeps the vote; safe on this device once the promise is fulfilled. */
  async put(vote: Vote): Promise<void> {
    // It waits from now on: what the disk is still busy with has not arrived anywhere.
    this.keeping += 1;
    this.set({ waiting: this.state.waiting + 1 });
    try {
      await this.change((store) =>
        store.put({ ...vote, order: performance.timeOrigin + performance.now() }),
      );
    } finally {
      this.keeping -= 1;
      await this.count();
    }
    void this.flush();
  }

  /** Takes a vote back that was not sent yet; says whether it was still here. */
  async drop(id: string): Promise<boolean> {
    // A vote that is being sent may have arrived: only what is surely here can be dropped.
    if (this.sending !== null) await this.sending;
    const votes = await this.votes();
    if (!votes.some((vote) => vote.id === id)) return false;
    await this.change((store) => store.delete(id));
    await this.count();
    return true;
  }

  /** The votes that wait, oldest first. */
  async votes(): Promise<Vote[]> {
    const database = await this.ready;
    const request = database.transaction(STORE).objectStore(STORE).getAll();
    const found = (await finished(request)) as (Vote & { order: number })[];
    return found.sort((one, other) => one.order - other.order).map(({ order: _, ...vote }) => vote);
  }

  /** Sends what waits; one request at a time. Fulfilled when this try has ended. */
  flush(): Promise<void> {
    clearTimeout(this.timer);
    if (this.sending !== null) {
      this.again = true;
      return this.sending;
    }
    this.sending = this.sendAll().finally(() => {
      this.sending = null;
      if (this.again) {
        this.again = false;
        void this.flush();
      }
    });
    return this.sending;
  }

  /** Forgets the refused votes once the person has seen them. */
  forgive(): void {
    this.set({ refused: [] });
  }

  /** Forgets what was told of a test question once the person has seen it. */
  seen(id: string): void {
    this.set({ told: this.state.told.filter(({ vote }) => vote.id !== id) });
  }

  private async sendAll(): Promise<void> {
    for (;;) {
      const votes = (await this.votes()).slice(0, this.batch);
      if (votes.length === 0) break;
      try {
        await this.settle(votes, await this.taken(votes));
      } catch (error) {
        this.failed(error);
        return;
      }
    }
    this.wait = FIRST_WAIT_MS;
    this.batch = BATCH;
    await this.count();
    this.set({ trouble: "", signIn: false });
  }

  /** What became of the votes. A vote that is too large to be sent alone never will be taken. */
  private async taken(votes: Vote[]): Promise<Taken[]> {
    try {
      return await this.send(votes);
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== TOO_LARGE) throw error;
      if (votes.length === 1)
        return [{ id: votes[0]!.id, status: "refused", detail: error.message, told: "" }];
      this.batch = Math.ceil(votes.length / 2);
      return this.taken(votes.slice(0, this.batch));
    }
  }

  private async settle(votes: Vote[], results: Taken[]): Promise<void> {
    const verdicts = new Map(results.map((taken) => [taken.id, taken]));
    const refused = [...this.state.refused];
    const told = [...this.state.told];
    const done: string[] = [];
    for (const vote of votes) {
      const verdict = verdicts.get(vote.id);
      if (verdict === undefined) continue;
      done.push(vote.id);
      if (verdict.status === "refused") refused.push({ vote, why: verdict.detail });
      if (verdict.told) told.push({ vote, why: verdict.told });
    }
    if (done.length === 0) throw new ApiError(502, "The server did not say what it took.");
    await this.change((store) => done.forEach((id) => store.delete(id)));
    await this.count();
    this.set({ refused, told });
  }

  private failed(error: unknown): void {
    const signIn = error instanceof ApiError && error.status === 401;
    this.set({ trouble: error instanceof Error ? error.message : String(error), signIn });
    const asked = error instanceof ApiError ? (error.retryAfter ?? 0) * 1000 : 0;
    this.timer = setTimeout(() => void this.flush(), Math.max(this.wait, asked));
    this.wait = Math.min(this.wait * 2, LONGEST_WAIT_MS);
  }

  private async count(): Promise<void> {
    const database = await this.ready;
    const waiting = await finished(database.transaction(STORE).objectStore(STORE).count());
    this.set({ waiting: waiting + this.keeping });
  }

  private async change(what: (store: IDBObjectStore) => unknown): Promise<void> {
    const transaction = (await this.ready).transaction(STORE, "readwrite", {
      durability: "strict",
    });
    what(transaction.objectStore(STORE));
    await new Promise<void>((resolve, reject) => {
      transaction.oncomplete = () => resolve();
      transaction.onabort = () =>
        reject(transaction.error ?? new Error("the browser kept nothing"));
    });
  }

  private set(part: Partial<State>): void {
    Object.assign(this.state, part);
    this.changed(this.state);
  }
}

function open(name: string): Promise<IDBDatabase> {
  const request = indexedDB.open(`labelwright-outbox:${name}`, 1);
  request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: "id" });
  return finished(request);
}

function finished<Result>(request: IDBRequest<Result>): Promise<Result> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error("the browser's store failed"));
  });
}
