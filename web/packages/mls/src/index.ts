export * from "./engine.ts";
export { createMlsEngine } from "./create.ts";
export { createFileCipher, FileError, sealedSize, type EncryptedFile, type FileCipher, type FileWork } from "./files.ts";
export { trusting } from "./trusting.ts";
