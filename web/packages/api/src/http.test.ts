import { describe, expect, it, vi } from "vitest";
import { createHttpApi } from "./client.ts";
import { ApiProblem, isSessionLoss, isTransient, Unreachable } from "./problem.ts";

const answer = (status: number, body: unknown, type = "application/json") =>
  new Response(body === null ? null : typeof body === "string" ? body : JSON.stringify(body), { status, headers: { "Content-Type": type } });

const apiAnswering = (response: () => Response | Promise<Response>, onSessionLost = vi.fn()) => {
  const fetch = vi.fn(async (_input: unknown, _init?: RequestInit) => response());
  return { api: createHttpApi({ fetch: fetch as unknown as typeof globalThis.fetch, onSessionLost }), fetch, onSessionLost };
};

describe("a request", () => {
  it("carries no search word in its address", async () => {
    const { api, fetch } = apiAnswering(() => answer(200, { people: [] }));
    await api.searchDirectory({ query: "Schmidt" });
    const [url, init] = fetch.mock.calls[0]!;
    expect(url).toBe("/v1/directory/search");
    expect(init!.body).toBe('{"query":"Schmidt"}');
    expect(init!.method).toBe("POST");
  });

  it("turns a problem into a typed error with its facts", async () => {
    const { api } = apiAnswering(() =>
      answer(409, { type: "urn:wardline:problem:stale-epoch", title: "Stale", status: 409, current_epoch: 7, last_sequence: 42 }),
    );
    const error = await api.conversation("c").catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(ApiProblem);
    expect((error as ApiProblem).code).toBe("stale-epoch");
    expect((error as ApiProblem).number("current_epoch")).toBe(7);
    expect(isTransient(error)).toBe(false);
  });

  it("treats a proxy's error page as no answer, so that it is tried again", async () => {
    const { api } = apiAnswering(() => answer(502, "<html>Bad gateway</html>", "text/html"));
    const error = await api.session().catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(Unreachable);
    expect(isTransient(error)).toBe(true);
  });

  it("reports a lost session once per refusal", async () => {
    const { api, onSessionLost } = apiAnswering(() => answer(401, { type: "urn:wardline:problem:no-session", title: "", status: 401 }));
    const error = await api.conversations().catch((caught: unknown) => caught);
    expect(isSessionLoss(error)).toBe(true);
    expect(onSessionLost).toHaveBeenCalledTimes(1);
  });

  it("does not take a wrong password for a lost session", async () => {
    const { api, onSessionLost } = apiAnswering(() => answer(401, { type: "urn:wardline:problem:wrong-credentials", title: "", status: 401 }));
    const error = await api.signInPassword("a", "b").catch((caught: unknown) => caught);
    expect(isSessionLoss(error)).toBe(false);
    expect(onSessionLost).not.toHaveBeenCalled();
  });

  it("takes an empty answer for what it is", async () => {
    const { api } = apiAnswering(() => answer(204, null));
    await expect(api.signOut()).resolves.toBeUndefined();
  });
});
