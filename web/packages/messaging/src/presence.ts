/** When somebody last showed a sign of life in this browser: whoever works in one tab is not idle in another (IAM-12). */

const TELL_EVERY_MILLISECONDS = 5000;

export class Presence {
  private last = Date.now();
  private told = 0;
  private readonly tell: () => void;

  /** `tell`: the other tabs. */
  constructor(tell: () => void) {
    this.tell = tell;
  }

  /** A sign of life in this tab. */
  touch(): void {
    this.last = Date.now();
    if (this.last - this.told < TELL_EVERY_MILLISECONDS) return;
    this.told = this.last;
    this.tell();
  }

  /** One in another. */
  hear(): void {
    this.last = Date.now();
  }

  idleMilliseconds(): number {
    return Date.now() - this.last;
  }
}
