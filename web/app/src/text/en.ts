/**
 * Every word that people read, in English. Another language is another file of the same shape. Sentence case, plain words, no
 * exclamation marks; what somebody cannot see or do says why and what to do next.
 */
import { filesText } from "./en_files.ts";
import { signInText } from "./en_sign_in.ts";
import { messagingText } from "./en_messaging.ts";
import { trustText } from "./en_trust.ts";

const plural = new Intl.PluralRules("en");
const list = new Intl.ListFormat("en-GB", { style: "long", type: "conjunction" });

export const count = (number: number, one: string, other: string) => `${number} ${plural.select(number) === "one" ? one : other}`;
export const listOf = (items: readonly string[]) => list.format(items);

export const en = {
  ...signInText,
  ...messagingText,
  files: filesText,
  ...trustText,
  locale: "en-GB",
  product: "Wardline",

  nav: {
    label: "Main",
    inbox: "Inbox",
    patients: "Patients",
    onCall: "On call",
    people: "People",
    security: "Security",
    more: "More",
    back: "Back",
    newMessage: "New message",
    lock: "Lock",
    signOut: "Sign out",
    account: (name: string) => `${name}, account and security`,
    skip: "Skip to the content",
    conversation: "Conversation",
  },

  common: {
    cancel: "Cancel",
    close: "Close",
    tryAgain: "Try again",
    loading: "Loading",
    you: "You",
    unknownPerson: "Somebody",
    search: "Search",
    clear: "Clear",
    message: "Message",
    failed: "That did not work. Check the connection and try again.",
    refused: (detail: string) => `The server refused: ${detail}`,
    more: (count: number) => `${count} more`,
  },

  time: {
    today: "Today",
    yesterday: "Yesterday",
    now: "now",
    minutes: (number: number) => `${number} min`,
    hours: (number: number) => `${number} h`,
    days: (number: number) => count(number, "day", "days"),
    /** Kept on one line: the time is what counts. */
    until: (time: string) => `until\u00a0${time}`,
    years: (number: number) => `${number} y`,
    months: (number: number) => `${number} mo`,
  },

  priority: { routine: "Routine", urgent: "Urgent", critical: "Critical", label: "Priority" },

  person: {
    onCall: "On call",
    onCallFor: (role: string) => `On call: ${role}`,
    inactive: "Account closed",
    noDevice: "Has no device yet",
    noDeviceHint: "Nobody could open a message sent to them today. Call instead, or pick somebody else.",
  },

  connection: {
    offline: "You are offline. What you send waits here and goes out when you are back.",
    staleSince: (time: string) => `Last updated ${time}.`,
    connecting: "Connecting",
    catchingUp: "Catching up",
    fault: "This browser cannot open messages. Update it or use another one.",
    again: "Try now",
  },

  palette: {
    title: "Go to",
    placeholder: "A person, patient, role or place",
    empty: "Nothing by that name here.",
    searching: "Looking in the directory",
    hint: "Names are searched on this device and in the directory.",
    groups: { conversations: "Conversations", people: "People", roles: "On call", places: "Go to" },
  },

  keys: {
    title: "Keyboard",
    palette: "Go anywhere",
    next: "Next conversation",
    previous: "Previous conversation",
    reply: "Write a reply",
    enter: "Enter",
    send: "Send what you wrote",
    shiftEnter: "Shift Enter",
    line: "New line",
    new: "New message",
    back: "Back, or close",
    help: "This list",
  },

  idle: {
    title: "Hidden while nobody is here",
    body: "Nothing is lost. What you were writing is kept on this device.",
    critical: (number: number) => count(number, "critical message waits", "critical messages wait"),
    unread: (number: number) => count(number, "unread conversation", "unread conversations"),
    show: "Show again",
    signOutIn: (time: string) => `You will be signed out in ${time}.`,
  },

  error: {
    title: "This part did not load",
    body: "Your messages and drafts are safe on this device.",
    notFound: "There is nothing at this address",
    notFoundBody: "It may have been closed, or it was never yours to see.",
    toInbox: "To the inbox",
  },
};

export type Catalogue = typeof en;
