import { registerHooks } from "node:module";
import { withFault } from "./planted.ts";

/** Imported by Node before anything else (`--import`). */
registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context);
    if (!loaded.source || !url.endsWith(".ts")) return loaded;
    const text = typeof loaded.source === "string" ? loaded.source : new TextDecoder().decode(loaded.source);
    return { ...loaded, source: withFault(url, text) };
  },
});
