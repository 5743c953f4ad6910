/** Times as people read them: unambiguous, 24 hours, months as words. Input is microseconds since 1970. */
import { t } from "../text/index.ts";

const clock = new Intl.DateTimeFormat(t.locale, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const weekday = new Intl.DateTimeFormat(t.locale, { weekday: "short" });
const dayMonth = new Intl.DateTimeFormat(t.locale, { day: "numeric", month: "short" });
const dayMonthYear = new Intl.DateTimeFormat(t.locale, { day: "numeric", month: "short", year: "numeric" });
const longDay = new Intl.DateTimeFormat(t.locale, { weekday: "long", day: "numeric", month: "long" });
const longDayYear = new Intl.DateTimeFormat(t.locale, { weekday: "long", day: "numeric", month: "long", year: "numeric" });

const DAY = 86_400_000;
const dateOf = (microseconds: number) => new Date(microseconds / 1000);
const startOfDay = (date: Date) => new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
/** Whole calendar days between two moments; daylight saving makes some of them 23 or 25 hours long. */
const daysBetween = (earlier: Date, later: Date) => Math.round((startOfDay(later) - startOfDay(earlier)) / DAY);

export const clockTime = (at: number): string => clock.format(dateOf(at));

/** For a list: the time today, the weekday in the last week, a date before that. */
export function listTime(at: number, now: number): string {
  const date = dateOf(at);
  const days = daysBetween(date, dateOf(now));
  if (days <= 0) return clock.format(date);
  if (days === 1) return t.time.yesterday;
  if (days < 7) return weekday.format(date);
  return date.getFullYear() === dateOf(now).getFullYear() ? dayMonth.format(date) : dayMonthYear.format(date);
}

/** For a separator between days. */
export function dayName(at: number, now: number): string {
  const date = dateOf(at);
  const days = daysBetween(date, dateOf(now));
  const long = date.getFullYear() === dateOf(now).getFullYear() ? longDay.format(date) : longDayYear.format(date);
  if (days === 0) return `${t.time.today}, ${long}`;
  if (days === 1) return `${t.time.yesterday}, ${long}`;
  return long;
}

export const dayKey = (at: number): number => startOfDay(dateOf(at));

export const fullDate = (at: number): string => dayMonthYear.format(dateOf(at));
export const fullTime = (at: number): string => `${dayMonthYear.format(dateOf(at))}, ${clock.format(dateOf(at))}`;

/** "until 07:00" today, "until Mon 07:00" on another day; nothing where no end is known. */
export function untilTime(at: number | null, now: number): string {
  if (at === null) return "";
  const date = dateOf(at);
  return t.time.until(daysBetween(dateOf(now), date) === 0 ? clock.format(date) : `${weekday.format(date)} ${clock.format(date)}`);
}

/** How long something has waited. */
export function elapsed(from: number, now: number): string {
  const minutes = Math.max(0, Math.floor((now - from) / 60_000_000));
  if (minutes < 1) return t.time.now;
  if (minutes < 60) return t.time.minutes(minutes);
  if (minutes < 48 * 60) return t.time.hours(Math.floor(minutes / 60));
  return t.time.days(Math.floor(minutes / 1440));
}

/** Age in years, in months below two years. `born` is YYYY-MM-DD. */
export function age(born: string, now: number): string {
  const [year = 0, month = 1, day = 1] = born.split("-").map(Number);
  const today = dateOf(now);
  const months = (today.getFullYear() - year) * 12 + (today.getMonth() + 1 - month) - (today.getDate() < day ? 1 : 0);
  return months < 24 ? t.time.months(Math.max(0, months)) : t.time.years(Math.floor(months / 12));
}

/** A calendar date without a time zone, with the month as a word: 14 Mar 1955. */
export function calendarDate(date: string): string {
  const [year = 1970, month = 1, day = 1] = date.split("-").map(Number);
  return dayMonthYear.format(new Date(year, month - 1, day));
}

export const minutesAndSeconds = (milliseconds: number): string => {
  const seconds = Math.max(0, Math.ceil(milliseconds / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
};

/** A moment that somebody may have to be held to: date, year and time. */
export const momentName = (at: number): string => `${dayMonthYear.format(dateOf(at))}, ${clockTime(at)}`;
