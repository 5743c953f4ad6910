import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["packages/*/src/**/*.test.ts", "app/src/**/*.test.ts"],
    setupFiles: ["tests/double/setup.ts"],
    restoreMocks: true,
  },
});
