/** What goes wrong between a browser and its server, for looking at what the client says then. */
import type { DoubleBrowser, DoubleServer } from "@wardline/tests/double";
import { problem } from "@wardline/tests/double";

export class Troubles {
  private readonly server: DoubleServer;
  private readonly browser: DoubleBrowser;
  private release: () => void = () => undefined;

  constructor(server: DoubleServer, browser: DoubleBrowser) {
    this.server = server;
    this.browser = browser;
  }

  /** This call gets no answer any more. */
  hang(call: string): void {
    this.browser.before = (name) => (name === call ? new Promise(() => undefined) : undefined);
  }

  /** This call gets its answer when the troubles end. */
  hold(call: string): void {
    const ended = new Promise<void>((resolve) => (this.release = resolve));
    this.browser.before = (name) => (name === call ? ended : undefined);
  }

  /** This call is refused. */
  refuse(call: string, code: string, status: number, detail?: string): void {
    this.browser.before = (name) => {
      if (name === call) throw problem(code, status, detail === undefined ? {} : { detail });
    };
  }

  end(): void {
    this.release();
    this.browser.before = () => undefined;
  }

  /** The line says that it left something out, and what would bring it does not answer. */
  fallBehind(): void {
    this.hang("conversations");
    for (const line of this.server.lines) line.push({ type: "behind" });
  }
}
