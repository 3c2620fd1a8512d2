import { kitVersion } from "@tollhouse/aws/seller/kit-mark";
import { type Kit, sellerKit, SellerKitError } from "@tollhouse/aws/seller/kit";
import type { Configuration } from "@tollhouse/core/configuration/configuration";
import type { Answer } from "../answer.ts";
import { CommandError } from "../failure.ts";
import { indented } from "../output/paragraph.ts";
import { table } from "../output/table.ts";
import type { View } from "../output/view.ts";
import { contentsOf, type Made } from "./contents.ts";
import { asShell, deployCommand, needsBucket } from "./deploy-command.ts";
import { pageFile, pageFileOf, templateFileOf, type WrittenFile, writeFiles } from "./kit-file.ts";
import { pageOf } from "./page.ts";

export interface KitFlags {
  readonly stage: string;
  readonly out: string;
  readonly overwrite: boolean;
}

interface MadeKit {
  readonly installation: string;
  readonly stage: string;
  readonly accounts: { readonly seller: string; readonly production: string };
  readonly stackName: string;
  readonly kitVersion: number;
  readonly digest: string;
  readonly changed: boolean;
  readonly files: readonly WrittenFile[];
  readonly bytes: number;
  readonly needsBucket: boolean;
  readonly resources: readonly Made[];
  readonly deploy: string;
}

/**
 * Makes a stage's kit and writes it into a folder.
 * @throws CommandError when no kit can be made of the configuration, or something else lies where it would go
 */
export async function makeKit(
  configuration: Configuration,
  { stage, out, overwrite }: KitFlags,
): Promise<Answer<MadeKit>> {
  const kit = kitOf(configuration, stage);
  const files = await writeFiles(
    out,
    [templateFileOf(kit), pageFileOf(kit, pageOf(kit, configuration))],
    overwrite,
  );
  return {
    data: {
      installation: kit.installation.name,
      stage,
      accounts: { seller: configuration.seller.accountId, production: configuration.production.accountId },
      stackName: kit.stackName,
      kitVersion,
      digest: kit.digest,
      changed: files.some(({ state }) => state !== "unchanged"),
      files,
      bytes: Buffer.byteLength(kit.text),
      needsBucket: needsBucket(kit),
      resources: contentsOf(kit),
      deploy: asShell(deployCommand(kit)),
    },
    text: textOf,
  };
}

function kitOf(configuration: Configuration, stage: string): Kit {
  try {
    return sellerKit(configuration, stage);
  } catch (error) {
    throw error instanceof SellerKitError ? new CommandError("wrong-usage", error.message) : error;
  }
}

function textOf(kit: MadeKit, view: View): string {
  const { seller, production } = kit.accounts;
  const where =
    seller === production
      ? `account ${seller}, which is production's as well`
      : `the seller account ${seller}; production is ${production}`;
  return [
    ...indented(`${kit.installation}, stage ${kit.stage}: for ${where}.`, 0, view.width, view.paint.strong),
    "",
    table<Made>(
      [
        { head: "Makes", cell: ({ kind }) => kind },
        { head: "Name", cell: ({ name }) => name },
        { head: "For", cell: ({ purpose }) => purpose, least: 20, leaveOut: 1 },
      ],
      kit.resources,
      view,
    ),
    "",
    ...kit.files.map(({ path, state }) => `${state.padEnd(9)}  ${path}`),
    view.paint.quiet(`kit ${kit.kitVersion}, digest ${kit.digest}`),
    "",
    ...indented(nextOf(kit), 0, view.width),
  ].join("\n");
}

const nextOf = ({ changed, accounts, stage }: MadeKit): string =>
  changed
    ? `Next: \`sst deploy --stage ${stage}\` first, then the template in account ${accounts.seller}; ${pageFile} has the commands, and what to look at when something is amiss.`
    : `Nothing changed since it was written. Whether it is what is deployed, \`npx tollhouse doctor --stage ${stage}\` says.`;
