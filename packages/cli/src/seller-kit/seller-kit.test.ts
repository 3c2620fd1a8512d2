import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sellerKit } from "@tollhouse/aws/seller/kit";
import type { Configuration } from "@tollhouse/core/configuration/configuration";
import { exampleConfiguration } from "@tollhouse/core/memory/example";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { shownAt } from "../example-source.ts";
import { CommandError } from "../failure.ts";
import { deployCommand } from "./deploy-command.ts";
import { pageFile, templateFile } from "./kit-file.ts";
import { makeKit } from "./make.ts";
import { pageOf } from "./page.ts";

const foreign: Configuration = {
  ...exampleConfiguration,
  name: "tollhouse",
  seller: {
    accountId: "111122223333",
    topicAccountId: "287250355862",
    assumeRole: {
      externalId: "0123456789abcdef",
      roles: { registration: "Register", metering: "Meter", lifecycle: "Read", audit: "Look" },
    },
  },
  production: { accountId: "444455556666" },
};
const own: Configuration = {
  ...foreign,
  seller: { accountId: "444455556666", topicAccountId: "287250355862" },
};
const onlyOf = (generation: "sns" | "eventbridge"): Configuration => ({
  ...foreign,
  products: foreign.products.filter((product) => product.generation === generation),
});
const many: Configuration = {
  ...foreign,
  products: foreign.products.flatMap((product) =>
    Array.from({ length: 80 }, (_, index) => ({
      ...product,
      generation: "sns" as const,
      code: `${product.code}${index}`,
    })),
  ),
};

let out = "";
beforeEach(async () => {
  out = await mkdtemp(join(tmpdir(), "seller-kit-"));
});
afterEach(() => rm(out, { recursive: true }));

const make = (configuration = foreign, flags: { readonly stage?: string; readonly overwrite?: boolean } = {}) =>
  makeKit(configuration, { stage: "production", overwrite: false, ...flags, out: join(out, "kit") });
const statesOf = async (made: ReturnType<typeof make>) => (await made).data.files.map(({ state }) => state);
const pathOf = (name: string) => join(out, "kit", name);
const read = (name: string) => readFile(pathOf(name), "utf8");

describe("seller-kit", () => {
  test("writes the template and its page into a folder that it makes, and says so", async () => {
    const answer = await make();
    expect(answer.data).toMatchObject({
      installation: "tollhouse",
      stage: "production",
      accounts: { seller: "111122223333", production: "444455556666" },
      stackName: "tollhouse-production-seller",
      changed: true,
      files: [
        { path: pathOf(templateFile), state: "written" },
        { path: pathOf(pageFile), state: "written" },
      ],
    });
    const { text, digest } = sellerKit(foreign, "production");
    expect(await read(templateFile)).toBe(text);
    expect(answer.data.digest).toBe(digest);
    expect(await read(pageFile)).toContain(`digest \`${digest}\``);
    const shown = shownAt(120, answer);
    expect(shown).toContain(pathOf(templateFile));
    expect(shown).toMatch(/role +Meter +hands usage records to AWS Marketplace/);
    expect(shown).toContain("`sst deploy --stage production` first");
    expect(shown).not.toContain("0123456789abcdef");
  });

  test("fits a narrow terminal but for what must be copied whole", async () => {
    const narrow = shownAt(60, await make()).split("\n");
    for (const line of narrow)
      if (!/aws-mp-|[/]kit[/]/.test(line)) expect(line.length, line).toBeLessThanOrEqual(60);
  });

  test("says that nothing changed when nothing did", async () => {
    await make();
    const again = await make();
    expect(again.data).toMatchObject({ changed: false });
    expect(again.data.files.map(({ state }) => state)).toEqual(["unchanged", "unchanged"]);
    expect(shownAt(120, again)).toContain("Nothing changed since it was written.");
  });

  test("replaces its own files when the configuration changed", async () => {
    await make();
    expect(await statesOf(make(onlyOf("sns")))).toEqual(["replaced", "replaced"]);
    expect(await read(templateFile)).toBe(sellerKit(onlyOf("sns"), "production").text);
  });

  test.each([
    ["another stage's", (contents: string) => contents.replaceAll("production", "jane"), templateFile],
    ["edited by hand", (contents: string) => contents.replace(`"RetentionDays": 90`, `"RetentionDays": 91`), templateFile],
    ["no JSON", () => "Resources:", templateFile],
    ["another JSON", () => "{}", templateFile],
    ["edited by hand", (contents: string) => `${contents}\nWe did this on Monday.\n`, pageFile],
    ["somebody's page", () => "# Notes\n", pageFile],
  ])("writes nothing over a file that is %s, unless told to", async (_, change, name) => {
    await make();
    const strange = change(await read(name));
    await writeFile(pathOf(name), strange);
    const attempt = make(onlyOf("sns"));
    await expect(attempt).rejects.toThrow(CommandError);
    await expect(attempt).rejects.toThrow(`${pathOf(name)} is there already`);
    await expect(attempt).rejects.toMatchObject({ code: "refused" });
    expect(await read(name)).toBe(strange);
    expect(await read(name === pageFile ? templateFile : pageFile)).toContain("MarketplaceDeadLetter");
    expect(await statesOf(make(onlyOf("sns"), { overwrite: true }))).toEqual(["replaced", "replaced"]);
  });

  test.each([
    [templateFile, pageFile],
    [pageFile, templateFile],
  ])("writes nothing over the %s of another stage", async (name, other) => {
    await make(foreign, { stage: "jane" });
    await rm(pathOf(other));
    await expect(make()).rejects.toThrow(`${pathOf(name)} is there already`);
    await expect(read(other)).rejects.toThrow("ENOENT");
  });

  test("names a folder that cannot be used", async () => {
    await writeFile(join(out, "kit"), "no folder");
    await expect(make()).rejects.toMatchObject({ code: "wrong-usage" });
    await expect(make()).rejects.toThrow(/cannot be used \(ENOTDIR\): name another folder with --out/);
  });

  test("names what is wrong with the configuration", async () => {
    const roles = { registration: "Same", metering: "Same", lifecycle: "Read", audit: "Look" };
    const seller = { ...foreign.seller, assumeRole: { externalId: "0123456789abcdef", roles } };
    const attempt = make({ ...foreign, seller });
    await expect(attempt).rejects.toMatchObject({ code: "wrong-usage" });
    await expect(attempt).rejects.toThrow("give each role its own name");
  });
});

describe("the page", () => {
  const pageFor = (configuration: Configuration, stage = "production") =>
    pageOf(sellerKit(configuration, stage), configuration);
  const commandFor = (configuration: Configuration) =>
    deployCommand(sellerKit(configuration, "production")).map((part) => part.trim());

  test("has the commands in their order", () => {
    const page = pageFor(foreign);
    const order = [
      "npx sst deploy --stage production",
      "aws cloudformation deploy",
      "npx tollhouse doctor",
      "--enable-termination-protection",
      "detect-stack-drift",
      "aws sns subscribe",
      "aws events start-replay",
      "aws cloudformation delete-stack",
    ].map((command) => page.indexOf(command));
    expect(order).not.toContain(-1);
    expect(order).toEqual(order.toSorted((a, b) => a - b));
  });

  test("gives the whole command that deploys", () => {
    expect(commandFor(foreign)).toEqual([
      "aws cloudformation deploy",
      "--region us-east-1",
      "--stack-name tollhouse-production-seller",
      "--template-file tollhouse-seller.template.json",
      "--capabilities CAPABILITY_NAMED_IAM",
      "--no-fail-on-empty-changeset",
    ]);
  });

  test("needs no capability where no role is made", () => {
    expect(commandFor(own).join(" ")).not.toContain("CAPABILITY");
    expect(pageFor(own)).not.toContain("role");
  });

  test("sends a template through a bucket that is too long for a request", () => {
    expect(commandFor(many).join(" ")).toContain("--s3-bucket");
    expect(pageFor(many)).toContain("longer than the 51,200 bytes");
    expect(pageFor(foreign)).not.toContain("bucket");
  });

  test("speaks of topics only where there are any, and of events only where there are any", () => {
    expect(pageFor(onlyOf("eventbridge"))).not.toContain("sns subscribe");
    expect(pageFor(onlyOf("sns"))).not.toMatch(/start-replay|archive and/);
    expect(pageFor(foreign)).toContain(
      "--notification-endpoint arn:aws:sqs:us-east-1:444455556666:tollhouse-production-Intake",
    );
  });

  test("is for its stage, and holds no external id", () => {
    const page = pageFor(foreign, "jane");
    expect(page).toContain("npx sst deploy --stage jane");
    expect(page).not.toContain("tollhouse-production");
    expect(page).not.toContain("0123456789abcdef");
  });
});
