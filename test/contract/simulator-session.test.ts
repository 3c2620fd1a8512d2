import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { AwsError } from "@tollhouse/simulator/server/aws-error";
import { authorize, operations } from "@tollhouse/simulator/server/marketplace";
import { Sessions } from "@tollhouse/simulator/server/session";
import type { SignedRequest } from "@tollhouse/simulator/server/signature";
import { expect, it } from "vitest";
import { callerArn, configuredCaller, roleArn } from "./simulator-world.ts";

const role = { arn: roleArn("Metering"), trusts: [callerArn], actions: [], tags: {} };
const sessions = new Sessions([configuredCaller(callerArn)], () => role);

/** A request as the SDK signs it, caught before it leaves. */
async function signed(credentials: { accessKeyId: string; secretAccessKey: string; sessionToken?: string }) {
  let caught: SignedRequest | undefined;
  const client = new STSClient({
    endpoint: "http://127.0.0.1:9",
    region: "us-east-1",
    credentials,
    maxAttempts: 1,
  });
  client.middlewareStack.add(
    () => (args) => {
      const { method, headers, body } = args.request as {
        method: string;
        headers: Record<string, string>;
        body: string;
      };
      caught = {
        method,
        url: new URL("http://127.0.0.1:9/"),
        headers: Object.fromEntries(
          Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
        ),
        body: Buffer.from(body),
      };
      return Promise.reject(new Error("caught"));
    },
    { step: "deserialize", priority: "low" },
  );
  await client.send(new GetCallerIdentityCommand({})).catch(() => undefined);
  if (caught === undefined) throw new Error("nothing was signed");
  return caught;
}

function outcome(request: SignedRequest, machineNowMs: number): string {
  try {
    return sessions.authenticate(request, machineNowMs).arn;
  } catch (error) {
    return error instanceof AwsError ? error.code : "no AwsError";
  }
}

it("a session is good until its machine time is over, whatever simulated time says", async () => {
  const nowMs = Math.floor(Date.now() / 1_000) * 1_000;
  const session = sessions.open(role, "test", 900, nowMs - 600_000);
  const request = await signed(session);
  expect(outcome(request, nowMs + 299_999)).toBe("arn:aws:sts::111122223333:assumed-role/Metering/test");
  expect(outcome(request, nowMs + 300_000)).toBe("ExpiredTokenException");
});

it("a signature is good for a quarter of an hour around its time", async () => {
  const request = await signed(configuredCaller(callerArn));
  const signedAtMs = Date.parse(
    (request.headers["x-amz-date"] ?? "").replace(
      /(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z/,
      "$1-$2-$3T$4:$5:$6Z",
    ),
  );
  expect(outcome(request, signedAtMs + 900_000)).toBe(callerArn);
  expect(outcome(request, signedAtMs - 900_000)).toBe(callerArn);
  expect(outcome(request, signedAtMs + 900_001)).toBe("InvalidSignatureException");
  expect(outcome(request, signedAtMs - 900_001)).toBe("InvalidSignatureException");
});

it("a signed header, the path and the method belong to the signature", async () => {
  const request = await signed(configuredCaller(callerArn));
  const nowMs = Date.now();
  expect(outcome(request, nowMs)).toBe(callerArn);
  const changed = [
    { ...request, headers: { ...request.headers, host: "elsewhere" } },
    { ...request, url: new URL("http://127.0.0.1:9/other") },
    { ...request, url: new URL("http://127.0.0.1:9/?Action=Other") },
    { ...request, method: "PUT" },
  ];
  for (const one of changed) expect(outcome(one, nowMs)).toBe("InvalidSignatureException");
});

it("a signature for another service opens nothing of Marketplace", async () => {
  const principal = sessions.authenticate(await signed(configuredCaller(callerArn)), Date.now());
  const operation = operations["AWSMPMeteringService.ResolveCustomer"];
  if (operation === undefined) throw new Error("no such operation");
  const allowed = { ...principal, actions: ["aws-marketplace:ResolveCustomer"] };
  expect(() => authorize(allowed, operation)).toThrow("Credential should be scoped to correct service");
  expect(() => authorize({ ...allowed, service: "aws-marketplace" }, operation)).not.toThrow();
});
