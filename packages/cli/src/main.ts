import { Command } from "commander";
import { demoCommand } from "./demo/command.ts";

const program = new Command("tollhouse")
  .description("Sell SaaS on AWS Marketplace: buyers in, usage metered, billed equals used.")
  .showHelpAfterError("(tollhouse --help lists the commands)")
  .addCommand(demoCommand);

await program.parseAsync();
