/** People in the directory that fit what is typed, a moment after the typing pauses. */
import { useEffect, useState } from "react";
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import type { DirectoryQuery } from "@wardline/api";
import { useApp, useWorkspace } from "../../context.tsx";

export function useSettled<T>(value: T, milliseconds = 180): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), milliseconds);
    return () => clearTimeout(timer);
  }, [value, milliseconds]);
  return settled;
}

export function usePeople(query: DirectoryQuery, enabled = true) {
  const { api } = useApp();
  const { directory } = useWorkspace();
  const result = useInfiniteQuery({
    queryKey: ["people", query],
    queryFn: async ({ pageParam }) => {
      const page = await api.searchDirectory({ ...query, limit: 40, ...(pageParam !== null && { cursor: pageParam }) });
      directory.rememberPeople(page.people);
      return page;
    },
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor ?? null,
    placeholderData: keepPreviousData,
    enabled,
  });
  return { ...result, people: result.data?.pages.flatMap((page) => page.people) ?? [] };
}
