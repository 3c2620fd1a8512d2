import { configuration } from "./configuration";
import { isPermanent } from "./stage";

/** The account this deploy goes to. */
export const accountId = aws.getCallerIdentityOutput({}).accountId;

/** The seller account trusts the roles of one account by name: deployed elsewhere, production would look alive and reach nothing. */
export async function refuseForeignAccount(): Promise<void> {
  if (!isPermanent($app.stage)) return;
  const { accountId: here } = await aws.getCallerIdentity({});
  const expected = configuration.production.accountId;
  if (here === expected) return;
  throw new Error(
    `These credentials belong to account ${here}, but production.accountId in tollhouse.config.ts is ${expected}. ` +
      `Take the other account's credentials, or correct the configuration.`,
  );
}
