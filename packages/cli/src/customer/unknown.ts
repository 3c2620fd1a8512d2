import { CommandError } from "../failure.ts";

export const unknownCustomer = (name: string): CommandError =>
  new CommandError("not-found", `There is no customer ${name}. \`tollhouse customers list\` names them.`);
