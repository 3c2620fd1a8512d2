import { functions, type FunctionName } from "@tollhouse/functions/manifest";
import { build } from "esbuild";
import path from "node:path";
import { requireInModules } from "./synth/compile.ts";
import { root } from "./synth/platform.ts";

export interface Bundled {
  readonly name: FunctionName;
  /** `<folder>/<name>/bundle.mjs`. */
  readonly folder: string;
  /** Files to be found in the place of others, by absolute path. */
  readonly instead?: Readonly<Record<string, string>>;
  /** Put before everything else, after SST's own first lines. */
  readonly banner?: string;
}

/**
 * Bundles a function with the options of SST 4.17.1 for a minified `nodejs24.x` function, byte for byte as its CLI does; the AWS SDK
 * becomes a part of it. @returns the file
 */
export async function bundle({ name, folder, instead = {}, banner = "" }: Bundled): Promise<string> {
  const outfile = path.join(folder, name, "bundle.mjs");
  await build({
    entryPoints: [path.join(root, functions[name].handler.replace(/\.handler$/, ".ts"))],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "es2024",
    mainFields: ["module", "main"],
    keepNames: true,
    minify: true,
    sourcemap: "linked",
    external: ["sharp", "pg-native"],
    banner: { js: requireInModules + banner },
    plugins: [
      {
        name: "instead",
        setup(each) {
          each.onResolve({ filter: /\.ts$/ }, ({ path: wanted, resolveDir }) => {
            const found = instead[path.resolve(resolveDir, wanted)];
            return found === undefined ? undefined : { path: found };
          });
        },
      },
    ],
    logLevel: "silent",
  });
  return outfile;
}
