import { InfiniteQueryObserver, QueryClient } from "@tanstack/react-query";
import { afterEach, describe, expect, it } from "vitest";
import { type Person, Unreachable } from "@wardline/api";
import { JONAS, SAMIR } from "@wardline/tests/double";
import { hasAnswered, peopleQuery } from "./use_people.ts";

/** A directory that answers when it is told to. */
function directory() {
  const answers: { give: (people: readonly Person[]) => void; fail: () => void }[] = [];
  const searchDirectory = () =>
    new Promise<{ people: Person[]; next_cursor?: string }>((resolve, reject) => answers.push({ give: (people) => resolve({ people: [...people] }), fail: () => reject(new Unreachable()) }));
  const client = new QueryClient();
  const options = (query: string) => ({ ...peopleQuery({ searchDirectory }, { query }, () => undefined), retry: false });
  const observer = new InfiniteQueryObserver(client, options("jon"));
  const stop = observer.subscribe(() => undefined);
  return {
    answers,
    type: (query: string) => observer.setOptions(options(query)),
    people: () => observer.getCurrentResult().data?.pages.flatMap((page) => page.people.map((person) => person.name)),
    answered: (typed: string, asked = typed) => hasAnswered(typed, asked, observer.getCurrentResult()),
    isFailed: () => observer.getCurrentResult().isError,
    close: () => (stop(), client.clear()),
  };
}

let open: ReturnType<typeof directory>;
const settled = () => new Promise((resolve) => setTimeout(resolve));
afterEach(() => open.close());

describe("whether the directory has answered for what is typed (SAF-4)", () => {
  it("is so once the answer for these letters is there", async () => {
    open = directory();
    expect(open.answered("jon")).toBe(false);
    open.answers[0]!.give([JONAS]);
    await settled();
    expect(open.answered("jon")).toBe(true);
    expect(open.people()).toEqual(["Jonas Park"]);
  });

  it("is not so while people of an earlier spelling are still shown, nor before the typing has paused", async () => {
    open = directory();
    open.answers[0]!.give([JONAS]);
    await settled();
    expect(open.answered("sam", "jon")).toBe(false);
    open.type("sam");
    expect(open.people()).toEqual(["Jonas Park"]);
    expect(open.answered("sam")).toBe(false);
    open.answers[1]!.give([SAMIR]);
    await settled();
    expect(open.answered("sam")).toBe(true);
  });

  it("is not so where the directory did not answer: that is not nobody", async () => {
    open = directory();
    open.answers[0]!.fail();
    await settled();
    expect(open.isFailed()).toBe(true);
    expect(open.people()).toBeUndefined();
    expect(open.answered("jon")).toBe(false);
  });
});
