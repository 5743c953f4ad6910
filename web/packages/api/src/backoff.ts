/** Waiting times between attempts: exponential, with full jitter so that a ward of clients does not come back at once. */

export interface BackoffOptions {
  firstMilliseconds: number;
  maximumMilliseconds: number;
  random?: () => number;
}

export class Backoff {
  private attempt = 0;
  private readonly options: BackoffOptions;

  constructor(options: BackoffOptions) {
    this.options = options;
  }

  /** The next wait. Never less than half of the first step, so that a refused socket does not spin. */
  next(): number {
    const { firstMilliseconds: first, maximumMilliseconds: maximum, random = Math.random } = this.options;
    const ceiling = Math.min(maximum, first * 2 ** this.attempt);
    this.attempt = Math.min(this.attempt + 1, 30);
    return Math.max(first / 2, Math.round(random() * ceiling));
  }

  reset(): void {
    this.attempt = 0;
  }
}
