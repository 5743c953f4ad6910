/** The page on which MLS tests run in a browser: the engine as the product builds it, and nothing else. */
import { defineConfig } from "vite";

export default defineConfig({
  root: import.meta.dirname,
  build: { outDir: "dist", emptyOutDir: true, target: "es2023", assetsInlineLimit: 0, reportCompressedSize: false },
  logLevel: "warn",
});
