/** Time that a person really spent: what passes while nothing happens does not count. */

/** After so long without a key, a click or a scroll nobody is working. */
export const IDLE_MS = 30_000;

/**
 * Nobody reads a question in so short a time: an answer that comes sooner is a key that bounced or
 * a double click, and would be given to an item that was not seen.
 */
export const UNREAD_MS = 200;
const SIGNS = ["keydown", "pointerdown", "pointermove", "wheel", "scroll", "touchstart"] as const;

export class ActiveTime {
  private spent = 0;
  private since: number;
  private last: number;
  private begun: number;

  constructor(private readonly now: () => number = () => performance.now()) {
    this.since = this.last = this.begun = this.now();
  }

  /** Begins to count for another question. */
  start(): void {
    this.spent = 0;
    this.since = this.last = this.begun = this.now();
  }

  /** Whether the question came up too short a time ago to have been read. */
  unread(): boolean {
    return this.now() - this.begun < UNREAD_MS;
  }

  /** The person did something. */
  touch(): void {
    const now = this.now();
    if (now - this.last > IDLE_MS) {
      this.spent += this.last + IDLE_MS - this.since;
      this.since = now;
    }
    this.last = now;
  }

  /** Seconds of work since the start. */
  seconds(): number {
    const end = Math.min(this.now(), this.last + IDLE_MS);
    return (this.spent + Math.max(end - this.since, 0)) / 1000;
  }

  /** Follows what happens in the window; gives a function that stops it. */
  watch(window: Window): () => void {
    const touch = () => this.touch();
    for (const sign of SIGNS)
      window.addEventListener(sign, touch, { passive: true, capture: true });
    return () => {
      for (const sign of SIGNS) window.removeEventListener(sign, touch, { capture: true });
    };
  }
}
