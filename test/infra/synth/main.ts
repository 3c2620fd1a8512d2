import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { compile } from "./compile.ts";
import { platform, providers, root } from "./platform.ts";
import { record, type Recording } from "./record.ts";
import { startRpc } from "./rpc.ts";
import type { Order, Synthesis } from "./synth.ts";

/*
 * Runs `sst.config.ts` with SST's real components and no cloud behind them, and sends what it would have made to its parent.
 * A process of its own: SST's globals are compiled in, it changes the folder, and the end of its work is known only by
 * an empty event loop. Every error, wherever it was thrown, is part of the answer.
 */
const order = JSON.parse(process.argv[2] ?? "") as Order;
const work = mkdtempSync(path.join(tmpdir(), "tollhouse-synth-"));
// SST's packages are found from where the compiled program lies.
const program = (part: string) => path.join(platform, `synth.${part}.${String(process.pid)}.mjs`);
const errors: string[] = [];
const complain = (error: unknown) => errors.push(error instanceof Error ? error.message : String(error));
process.on("uncaughtException", complain);
process.on("unhandledRejection", complain);

const configFile = JSON.stringify(path.join(root, "sst.config.ts"));

/** `app()` is compiled without the globals of `run()`, as SST does: it decides what those will be. */
async function evaluateApp(): Promise<App> {
  const outfile = program("app");
  await compile({
    outfile,
    overlay: order.overlay,
    banner: "function $config(input) { return input }\n",
    define: { $input: JSON.stringify({ stage: order.stage }) },
    code: `import config from ${configFile}; export default await config.app($input);`,
  });
  return { ...((await import(pathToFileURL(outfile).href)) as { default: App }).default, stage: order.stage };
}

async function compileRun(app: App): Promise<() => Promise<unknown>> {
  const outfile = program("run");
  const cli = {
    command: "deploy",
    dev: false,
    paths: { home: work, root, work, platform },
    state: { version: {} },
  };
  await compile({
    outfile,
    overlay: order.overlay,
    inject: [path.join(platform, "src/shim/run.js")],
    define: { $app: JSON.stringify(app), $cli: JSON.stringify(cli), $dev: "false" },
    globals: [
      ...providers().map(({ alias, package: name }) => `import * as ${alias} from "${name}";`),
      `import * as sst from ${JSON.stringify(path.join(platform, "src/components"))};`,
    ].join("\n"),
    code: `import { run } from ${JSON.stringify(path.join(platform, "src/auto/run.ts"))};
      import config from ${configFile};
      export default () => run(config.run);`,
  });
  return ((await import(pathToFileURL(outfile).href)) as { default: () => Promise<unknown> }).default;
}

type App = Synthesis["app"];
let app: App | undefined;
let recording: Recording = { resources: [], stackOutputs: {}, links: [] };
const rpc = await startRpc(work, order.account);
process.env.SST_SERVER = rpc.url;
try {
  app = await evaluateApp();
  const run = await compileRun(app);
  recording = await record({ name: app.name, stage: order.stage, account: order.account }, run);
} catch (error) {
  complain(error);
}

process.once("beforeExit", () => {
  for (const part of ["app", "run"]) rmSync(program(part), { force: true });
  rmSync(work, { recursive: true, force: true });
  process.send?.({ app, errors, builds: rpc.builds, ...recording });
});
