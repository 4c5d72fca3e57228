/** Questions held ready, so that the next one is there when it is wanted. */
import type { Schemas } from "./api";

export type Question = Schemas["Question"];
export type Claim = (count: number, resume: boolean) => Promise<Schemas["Next"]>;

/** How many questions are held. */
export const HELD = 6;

export class Questions {
  held: Question[] = [];
  /** Whether the server has more, is looking for more, or has none left for this person. */
  more: "asking" | "refilling" | "none" = "asking";
  /** How this person stands with hidden test questions, null where they get none. */
  exam: Schemas["Exam"] | null = null;
  /** How many random answers are missing, and why; null once class balance is known. */
  randomFirst: Schemas["RandomFirst"] | null = null;
  private first = true;
  private asking: Promise<void> | null = null;

  constructor(
    private readonly claim: Claim,
    private readonly changed: () => void = () => undefined,
    private readonly prepare: (question: Question) => void = () => undefined,
  ) {}

  get current(): Question | null {
    return this.held[0] ?? null;
  }

  /** The current question is done with. */
  advance(): void {
    this.held = this.held.slice(1);
    this.changed();
    // Where the server cannot be reached, what is held goes on; the next time it is asked again.
    void this.fill().catch(() => undefined);
  }

  /** Puts a question in front again, such as one whose answer was taken back. */
  putBack(question: Question): void {
    this.held = [
      question,
      ...this.held.filter((one) => one.content.item !== question.content.item),
    ];
    this.changed();
  }

  /** Asks the server for questions until enough are held. */
  fill(): Promise<void> {
    if (this.asking !== null) return this.asking;
    if (this.held.length >= HELD - 2) return Promise.resolve();
    this.asking = this.claimMore().finally(() => {
      this.asking = null;
      this.changed();
    });
    return this.asking;
  }

  private async claimMore(): Promise<void> {
    const next = await this.claim(HELD - this.held.length, this.first);
    // On a resume the server gives again what is held already.
    const here = new Set(this.held.map((one) => one.content.item));
    const fresh = next.questions.filter((one) => !here.has(one.content.item));
    this.first = false;
    this.exam = next.exam;
    this.randomFirst = next.random_first;
    this.held = [...this.held, ...fresh];
    fresh.forEach((question) => this.prepare(question));
    this.more = next.refilling ? "refilling" : next.questions.length > 0 ? "asking" : "none";
  }
}
