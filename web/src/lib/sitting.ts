/** What one person answers in one go, and takes back: which question every answer belongs to. */
import { ApiError, type Answer } from "./api";
import type { Question, Questions } from "./queue";
import { voteOf, type Vote } from "./votes";

export interface Given {
  vote: Vote;
  question: Question;
}

/** What the sitting asks of the outbox and the server. */
export interface Ways {
  /** Keeps a vote until it was sent. */
  put: (vote: Vote) => Promise<void>;
  /** Takes back a vote that was not sent; says whether it was still here. */
  drop: (id: string) => Promise<boolean>;
  /** Takes back a vote that was sent. */
  undo: (id: string) => Promise<unknown>;
  /** Leaves a question to others. */
  skip: (item: number, seconds: number) => Promise<unknown>;
}

/** What stands of one person's sitting; it outlives the screen, which may be left and opened again. */
export class Memory {
  /** What was answered and stands, oldest first. */
  given: Given[] = [];
  /** By item, the vote that was taken back there: the next answer to this item corrects it. */
  readonly replaced = new Map<number, string>();
}

export class Sitting {
  private busy = false;

  constructor(
    private readonly questions: Questions,
    private readonly ways: Ways,
    private readonly changed: () => void = () => undefined,
    private readonly memory = new Memory(),
  ) {}

  /** What was answered and stands, oldest first. */
  get given(): Given[] {
    return this.memory.given;
  }

  /**
   * Answers the current question; the next one is there at once. If the answer cannot be kept, its
   * question is put back and the promise rejected. Says whether there was anything to answer.
   */
  async answer(value: Answer, seconds: number, schema: string): Promise<boolean> {
    const question = this.questions.current;
    if (question === null || this.busy) return false;
    const item = question.content.item;
    const vote = voteOf({
      item,
      answer: value,
      shown: question.shown,
      schema,
      seconds: Math.round(seconds * 10) / 10,
      supersedes: this.memory.replaced.get(item) ?? null,
    });
    this.memory.replaced.delete(item);
    this.set([...this.given, { vote, question }]);
    // The next question is painted first; the answer is kept while the person reads.
    this.questions.advance();
    try {
      await this.ways.put(vote);
    } catch (error) {
      this.set(this.given.filter((one) => one.vote !== vote));
      this.open(question, vote.supersedes ?? null);
      throw error;
    }
    return true;
  }

  /** Leaves the current question to others. */
  async skip(seconds: number): Promise<boolean> {
    const question = this.questions.current;
    if (question === null || this.busy) return false;
    this.questions.advance();
    await this.ways.skip(question.content.item, seconds);
    return true;
  }

  /**
   * Takes the last answer back and asks its question again. Rejected where the server refuses, as
   * for a test question: that answer stands, and the one before is next.
   */
  async undo(): Promise<boolean> {
    const last = this.given.at(-1);
    if (last === undefined || this.busy) return false;
    this.busy = true;
    let corrects = last.vote.supersedes ?? null;
    try {
      if (!(await this.ways.drop(last.vote.id))) {
        await this.ways.undo(last.vote.id);
        corrects = last.vote.id;
      }
    } catch (error) {
      if (error instanceof ApiError && !error.passing) this.forget(last);
      throw error;
    } finally {
      this.busy = false;
    }
    this.forget(last);
    this.open(last.question, corrects);
    return true;
  }

  private open(question: Question, corrects: string | null): void {
    if (corrects !== null) this.memory.replaced.set(question.content.item, corrects);
    this.questions.putBack(question);
  }

  private forget(given: Given): void {
    this.set(this.given.filter((one) => one !== given));
  }

  private set(given: Given[]): void {
    this.memory.given = given;
    this.changed();
  }
}
