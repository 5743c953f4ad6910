import type { Browser, LaunchOptions } from "@playwright/test";
export const LAUNCH: LaunchOptions;
export const STORY_TIME: Date;
export function launch(): Promise<Browser>;
