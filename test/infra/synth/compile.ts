import * as esbuild from "esbuild";
import { readFileSync } from "node:fs";
import path from "node:path";
import { platform, root, sstFolder } from "./platform.ts";

/** Other contents for files of the repository, by path from its root: nothing on disk is touched. */
export type Overlay = Readonly<Record<string, string>>;

interface Program {
  readonly code: string;
  readonly outfile: string;
  readonly overlay: Overlay;
  readonly define: Record<string, string>;
  /** Put before every file of the repository, as SST gives each its globals. */
  readonly globals?: string;
  readonly banner?: string;
  readonly inject?: string[];
}

/** SST's own first lines of a module: packages that are not modules call `require`. */
export const requireInModules = `import { createRequire as __cr } from "module"; const require = __cr(import.meta.url);
import { fileURLToPath as __f } from "url"; const __filename = __f(import.meta.url); const __dirname = import.meta.dirname;
`;

/** Compiles a program with the settings of SST 4.17.1's CLI, whose esbuild is the version the root pins; nobody reads its source map. */
export async function compile(program: Program): Promise<void> {
  await esbuild.build({
    stdin: { contents: program.code, resolveDir: root, sourcefile: "eval.ts", loader: "ts" },
    outfile: program.outfile,
    bundle: true,
    format: "esm",
    platform: "node",
    mainFields: ["module", "main"],
    sourcemap: false,
    banner: { js: requireInModules + (program.banner ?? "") },
    define: program.define,
    inject: program.inject ?? [],
    logLevel: "silent",
    nodePaths: [path.join(platform, "node_modules")],
    external: [
      "@pulumi/*",
      "@pulumiverse/*",
      "@sst-provider/*",
      "@aws-sdk/*",
      "undici",
      "esbuild",
      "archiver",
      "glob",
      "vite",
    ],
    plugins: [
      {
        name: "globals-and-overlay",
        setup(build) {
          build.onLoad({ filter: /\.(js|ts|jsx|tsx)$/ }, ({ path: file }) =>
            file.startsWith(sstFolder)
              ? undefined
              : {
                  contents: `${program.globals ?? ""}\n${contentsOf(file, program.overlay)}`,
                  loader: "default",
                },
          );
        },
      },
    ],
  });
}

const contentsOf = (file: string, overlay: Overlay): string =>
  overlay[path.relative(root, file)] ?? readFileSync(file, "utf8");
