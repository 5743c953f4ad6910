/** The compiled module: fetched once for the page, shared by its engines. */
let compiled: Promise<WebAssembly.Module> | null = null;

export function loadModule(): Promise<WebAssembly.Module> {
  compiled ??= compile(new URL("../dist/mls.wasm", import.meta.url)).catch((error: unknown) => {
    compiled = null; // The next engine tries again.
    throw error;
  });
  return compiled;
}

async function compile(source: URL): Promise<WebAssembly.Module> {
  const response = await fetch(source);
  if (!response.ok) throw new Error("The encryption module could not be loaded.");
  return WebAssembly.compile(await response.arrayBuffer());
}
