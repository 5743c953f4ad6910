import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

/** The app over an in-memory double of the server: for looking at screens, never for release. */
export default defineConfig({
  root: import.meta.dirname,
  plugins: [react()],
  build: { outDir: "dist", emptyOutDir: true, target: "es2023", assetsInlineLimit: 0, modulePreload: { polyfill: false } },
});
