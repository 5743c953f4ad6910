export const POLICY: string;
export function serve(folder: string, port?: number): Promise<{ address: string; stop: () => Promise<void> }>;
