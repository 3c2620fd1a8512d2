import { registerHooks } from "node:module";
import { pathToFileURL } from "node:url";

const folder = process.env["TOLLHOUSE_TEST_BUNDLES"] ?? "";

/** Imported by Node before anything else (`--import`): a function's worker finds its bundle in the place of its handler. */
registerHooks({
  resolve(specifier, context, nextResolve) {
    const found = nextResolve(specifier, context);
    const [, name] = /\/packages\/functions\/src\/([^/]+)\/handler\.ts$/.exec(found.url) ?? [];
    return name === undefined
      ? found
      : { ...found, format: "module", url: pathToFileURL(`${folder}/${name}/bundle.mjs`).href };
  },
});
