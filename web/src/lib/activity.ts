/** Time that a person really spent: what passes while nothing happens does not count. */

/** After so long without a key, a click or a scroll nobody is working. */
export const IDLE_MS = 30_000;
const SIGNS = ["keydown", "pointerdown", "pointermove", "wheel", "scroll", "touchstart"] as const;

export class ActiveTime {
  private spent = 0;
  private since: number;
  private last: number;

  constructor(private readonly now: () => number = () => performance.now()) {
    this.since = this.last = this.now();
  }

  /** Begins to count for another question. */
  start(): void {
    this.spent = 0;
    this.since = this.last = this.now();
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
