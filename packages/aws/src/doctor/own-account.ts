import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import * as z from "zod";
import { clientFor, read, type Reading } from "./reading.ts";

export interface OwnAccount {
  readonly accountId: string;
  /** How far this machine's clock is ahead of AWS's, to a second; `undefined` when the answer has no date. */
  readonly skewMs: number | undefined;
}

const answerSchema = z.object({ response: z.object({ headers: z.record(z.string(), z.string()) }) });

/** Whose credentials these are, by STS, and what time it is there. No permission is needed for it. */
export async function readOwnAccount(own: Reading): Promise<OwnAccount> {
  const client = new STSClient(clientFor(own));
  let skewMs: number | undefined;
  client.middlewareStack.add(
    (next) => async (given) => {
      const sentAtMs = Date.now();
      const answer = await next(given);
      const dateMs = Date.parse(answerSchema.safeParse(answer).data?.response.headers["date"] ?? "");
      // The date has no fractions: it was true for a whole second, on average half a second ago.
      const middleMs = (sentAtMs + Date.now()) / 2;
      if (!Number.isNaN(dateMs)) skewMs = middleMs - (dateMs + 500);
      return answer;
    },
    { step: "deserialize", priority: "low", name: "doctor-date" },
  );
  const { Account = "" } = await read(own, "sts:GetCallerIdentity", () =>
    client.send(new GetCallerIdentityCommand({})),
  );
  client.destroy();
  return { accountId: Account, skewMs };
}
