import { styleText } from "node:util";
import type { Configuration } from "@tollhouse/core/configuration/configuration";
import type { Places } from "./places.ts";
import { steps } from "./steps.ts";

interface Shown {
  readonly keptIn: string | undefined;
  /** Whether the way is told as commands, too. */
  readonly withSteps: boolean;
}

/** What runs, what a person does with it, and where everything is. */
export function screen(configuration: Configuration, world: Places, { keptIn, withSteps }: Shown): string {
  const line = (what: string, where: string) => `  ${what.padEnd(24)}${where}`;
  const head = (text: string) => ["", styleText("bold", text), ""];
  const step = (number: number, what: string, where: string) =>
    `  ${number}  ${what.padEnd(62)}${where === "" ? "" : styleText("cyan", where)}`.trimEnd();
  return [
    ...head("Tollhouse runs. Ctrl-C ends everything."),
    "  A buyer subscribes on AWS Marketplace, registers with you, uses your product, and pays for exactly what was used.",
    "  Play it in a browser; AWS is played by a simulator, and no account is needed:",
    "",
    step(1, "Be the buyer: subscribe, then press “Set up your account”", world.storefrontUrl),
    step(2, "Give an e-mail address; the mail arrives here", world.inboxUrl),
    step(3, ...inTheProduct(world)),
    step(4, "Let an hour or two pass on the storefront, and watch the bill", `${world.storefrontUrl}/bill`),
    step(5, "Break something, and see that the bill stays right", `${world.storefrontUrl}/faults`),
    ...head("Look behind it, in another terminal"),
    line("What was registered", "npx tollhouse subscriptions list"),
    line("What is used", "npx tollhouse usage tail"),
    line("Does it all add up?", "npx tollhouse ledger check"),
    line("Does every link hold?", "npx tollhouse doctor"),
    line("The story, by itself", "npm run demo"),
    ...head("Where things are"),
    line("Registration page", world.registrationUrl),
    line("Usage over HTTP", world.usageUrl),
    line("Who may use what", `${world.accessUrl}?subject=…`),
    line("SNS over HTTPS", world.webhookUrl),
    line("Marketplace simulator", `${world.simulatorUrl}/_simulator/health`),
    line("Queues (SQS, SNS)", world.queuesUrl),
    line("DynamoDB Local", `${world.databaseUrl}  (listens on all interfaces)`),
    line("Kept across runs", keptIn ?? "nothing (npm start -- --keep)"),
    ...(withSteps
      ? [...head("The same with curl, one after the other"), ...asLines(configuration, world)]
      : ["", "  No browser? npm start -- --steps shows the same as commands to copy."]),
    "",
    "",
  ].join("\n");
}

const inTheProduct = ({ exampleUrl }: Places): [string, string] =>
  exampleUrl === undefined
    ? ["See what your product is handed (npm start -- --with-example brings one along)", ""]
    : ["Use the example of a product; it lets in whom the page sends", exampleUrl];

const asLines = (configuration: Configuration, world: Places): readonly string[] =>
  steps(configuration, world).flatMap(([what, ...commands]) => [
    `  ${what}`,
    ...commands.map((command) => `    ${command}`),
  ]);
