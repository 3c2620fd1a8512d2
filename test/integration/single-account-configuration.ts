import { registerHooks } from "node:module";

const own = new URL("../../tollhouse.config.ts", import.meta.url).href;
const other = new URL("../infra/single-account.config.ts", import.meta.url).href;

/** Imported by Node before anything else (`--import`): functions find a seller with one account in the place of ours. */
registerHooks({
  resolve(specifier, context, nextResolve) {
    const found = nextResolve(specifier, context);
    return found.url === own ? { ...found, url: other } : found;
  },
});
