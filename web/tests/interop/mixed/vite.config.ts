/** The page in which members in a browser meet native ones. */
import { defineConfig } from "vite";

export default defineConfig({
  root: import.meta.dirname,
  build: { outDir: "dist", emptyOutDir: true, target: "es2023", assetsInlineLimit: 0, reportCompressedSize: false },
  logLevel: "warn",
});
