import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";

/** What SST asks its CLI to build for one function. */
export interface Build {
  readonly functionID: string;
  readonly handler: string;
  readonly properties: { readonly minify?: boolean };
  /** What is linked: its name and what the function learns of it. */
  readonly links: Readonly<Record<string, unknown>>;
}

/**
 * The part of SST's CLI that its components call while they deploy: two methods over HTTP, seen by running them all.
 * Each function "builds" to an empty file, since SST zips the folder; the real bundles are another test's concern.
 */
export async function startRpc(work: string, account: string): Promise<{ url: string; builds: Build[] }> {
  const builds: Build[] = [];
  const methods: Record<string, (argument: never) => unknown> = {
    "Provider.Aws.Bootstrap": ({ region }: { region: string }) => ({
      asset: `sst-asset-${region}`,
      state: `sst-state-${region}`,
      assetEcrRegistryId: account,
      assetEcrUrl: `${account}.dkr.ecr.${region}.amazonaws.com/sst-asset`,
    }),
    "Runtime.Build": ({ functionID, handler, properties, links }: Build) => {
      builds.push({ functionID, handler, properties, links });
      const out = path.join(work, "artifacts", `${functionID}-src`);
      mkdirSync(out, { recursive: true });
      writeFileSync(path.join(out, "bundle.mjs"), "");
      return { out, handler: `bundle.${handler.split(".").at(-1) ?? ""}`, errors: [], sourcemaps: [] };
    },
  };
  const answer = (body: string) => {
    const { method, params } = JSON.parse(body) as { method: string; params: [never] };
    const run = methods[method];
    return run === undefined
      ? { result: null, error: `the harness knows no ${method}` }
      : { result: run(params[0]), error: null };
  };

  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString()));
    request.on("end", () => {
      // A kept-alive connection would keep the process from ever settling.
      response.setHeader("connection", "close").end(JSON.stringify(answer(body)));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  server.unref();
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, builds };
}
