/** People in the directory that fit what is typed, a moment after the typing pauses. */
import { useEffect, useState } from "react";
import { infiniteQueryOptions, keepPreviousData, useInfiniteQuery, type UseInfiniteQueryResult } from "@tanstack/react-query";
import type { DirectoryQuery, Person, WardlineApi } from "@wardline/api";
import { useApp, useWorkspace } from "../../context.tsx";

const SETTLES_AFTER_MILLISECONDS = 180;

export interface PeopleWanted {
  readonly filters?: Omit<DirectoryQuery, "query">;
  /** Asks for everybody while nothing is typed. */
  readonly browses?: boolean;
}

export function usePeople(typed: string, { filters = {}, browses = true }: PeopleWanted = {}) {
  const { api } = useApp();
  const { directory } = useWorkspace();
  const asked = useSettled(typed);
  const query: DirectoryQuery = { ...filters, ...(asked !== "" && { query: asked }) };
  const result = useInfiniteQuery({ ...peopleQuery(api, query, (people) => directory.rememberPeople(people)), enabled: asked !== "" || browses });
  return {
    ...result,
    people: result.data?.pages.flatMap((page) => page.people) ?? [],
    /** What the directory was asked for last: it follows what is typed. */
    asked,
    isAnswered: hasAnswered(typed, asked, result),
  };
}

export function peopleQuery(api: Pick<WardlineApi, "searchDirectory">, query: DirectoryQuery, remember: (people: readonly Person[]) => void) {
  return infiniteQueryOptions({
    queryKey: ["people", query],
    queryFn: async ({ pageParam }) => {
      const page = await api.searchDirectory({ ...query, limit: 40, ...(pageParam !== null && { cursor: pageParam }) });
      remember(page.people);
      return page;
    },
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor ?? null,
    placeholderData: keepPreviousData,
  });
}

/**
 * Whether the directory has answered for what is typed now. Nobody of an earlier spelling is offered under a later one, and an answer
 * that did not come does not mean that there is nobody (SAF-4).
 */
export const hasAnswered = (typed: string, asked: string, { isSuccess, isPlaceholderData }: Pick<UseInfiniteQueryResult, "isSuccess" | "isPlaceholderData">): boolean =>
  typed === asked && isSuccess && !isPlaceholderData;

function useSettled(value: string): string {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), SETTLES_AFTER_MILLISECONDS);
    return () => clearTimeout(timer);
  }, [value]);
  return settled;
}
