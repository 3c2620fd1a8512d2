import { text } from "node:stream/consumers";
import { Command } from "commander";
import { changedKeys, drawnKeys } from "./keys.ts";

const note =
  "It prints a secret and nothing else, to be piped into SST: keep it out of files and of your shell's history.";
/** The secret is JSON already: --json asks for what there is, and is there so that every command has it. */
const withJson = (command: Command): Command =>
  command.option("--json", "the same: the secret is JSON", false);

const fresh = withJson(new Command("new"))
  .description("Draw a key, before an installation is deployed for the first time.")
  .addHelpText(
    "after",
    `\n${note}\n\nExample:\n  keys=$(tollhouse buyer-keys new) && printf %s "$keys" | npx sst secret set BuyerTokenKeys --stage production`,
  )
  .action(() => {
    process.stdout.write(`${drawnKeys()}\n`);
  });

const rotate = withJson(new Command("rotate"))
  .description(
    "Draw a new key; the one that signs now stays published beside it, for tokens that are under way.",
  )
  .addHelpText(
    "after",
    `
${note} Deploy afterwards. Rotating twice within four hours would drop a key whose pages are still open. Set only what was drawn: an empty secret stops the page.

Example:
  keys=$(npx sst secret list --stage production | tollhouse buyer-keys rotate) &&
    printf %s "$keys" | npx sst secret set BuyerTokenKeys --stage production
  npx sst deploy --stage production`,
  )
  .action(async () => {
    const given = process.stdin.isTTY ? "" : await text(process.stdin);
    process.stdout.write(`${changedKeys(given)}\n`);
  });

export const buyerKeysCommand = new Command("buyer-keys")
  .description("Draw the keys that sign what buyers carry from the registration page to your product.")
  .addCommand(fresh)
  .addCommand(rotate);
