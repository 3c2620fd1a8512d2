/** Which command mends what an installation lacks. */
export interface Remedies {
  /** Our own side: the stack in the production account. */
  readonly deployStack: string;
  /** The seller account's side: roles, rule and subscriptions. */
  readonly deployKit: string;
}

const local = "Here the local world makes this: end `npm start` with Ctrl-C and start it again.";

export const remediesOf = (stage: string, place: "aws" | "local"): Remedies =>
  place === "local"
    ? { deployStack: local, deployKit: local }
    : {
        // A deploy compares with what SST remembers; what was changed beside it, only a refresh sees.
        deployStack: `Deploy the stack again: \`npx sst refresh --stage ${stage}\`, then \`npx sst deploy --stage ${stage}\`.`,
        deployKit: `Deploy the seller-account kit again: \`npx tollhouse seller-kit --stage ${stage}\` writes its template, which the seller account's CloudFormation stack is updated with.`,
      };
