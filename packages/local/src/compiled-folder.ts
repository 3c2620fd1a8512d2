import { resolve } from "node:path";

/** Where Node keeps what it compiled, for whoever starts processes of ours: each starts in half the time with it. */
export const compiledFolder = resolve(import.meta.dirname, "../../../node_modules/.cache/node");
