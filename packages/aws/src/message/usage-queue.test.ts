import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { SQSClient } from "@aws-sdk/client-sqs";
import { afterEach, describe, expect, test } from "vitest";
import * as z from "zod";
import { sqsUsageQueue } from "./usage-queue.ts";

const requestSchema = z.object({ Entries: z.array(z.object({ Id: z.string(), MessageBody: z.string() })) });
type Entries = z.output<typeof requestSchema>["Entries"];

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** Something that speaks SQS. @param refuses says of an entry, and of the how-manieth call, whether it is refused; `down`: the call fails */
async function world(refuses: (body: string, call: number) => boolean | "down") {
  const calls: Entries[] = [];
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const { Entries } = requestSchema.parse(JSON.parse(body));
      const call = calls.push(Entries);
      const verdicts = Entries.map(({ MessageBody }) => refuses(MessageBody, call));
      if (verdicts.includes("down")) return response.writeHead(503).end("{}");
      response.writeHead(200, { "content-type": "application/x-amz-json-1.0" });
      return response.end(
        JSON.stringify({
          Successful: Entries.filter((_, place) => verdicts[place] === false).map(({ Id, MessageBody }) => ({
            ...{ Id, MessageId: Id },
            MD5OfMessageBody: createHash("md5").update(MessageBody).digest("hex"),
          })),
          Failed: Entries.filter((_, place) => verdicts[place] === true).map(({ Id }) => ({
            ...{ Id, SenderFault: false, Code: "InternalError" },
          })),
        }),
      );
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  closing.push(() => server.close());
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const credentials = { accessKeyId: "LOCAL", secretAccessKey: "local" };
  const client = new SQSClient({ endpoint, region: "us-east-1", credentials, maxAttempts: 1 });
  closing.push(() => client.destroy());
  const warnings: string[] = [];
  const logger = { warn: (...said: unknown[]) => void warnings.push(String(said[0])) };
  return { queue: sqsUsageQueue(client, `${endpoint}/000000000000/usage`, logger), calls, warnings };
}

describe("the usage queue behind a door", () => {
  test("takes ten messages and 1 MiB a call", async () => {
    const { queue, calls } = await world(() => false);
    const bodies = [...Array.from({ length: 5 }, () => "x".repeat(262_144)), ...Array<string>(25).fill("y")];
    expect(await queue.put(bodies)).toEqual(bodies.map(() => true));
    expect(
      calls
        .flat()
        .map(({ Id }) => Number(Id))
        .toSorted((a, b) => a - b),
    ).toEqual(bodies.map((_, place) => place));
    for (const entries of calls) {
      expect(entries.length).toBeLessThanOrEqual(10);
      const bytes = entries.reduce((sum, { MessageBody }) => sum + MessageBody.length, 0);
      expect(bytes).toBeLessThanOrEqual(1_048_576);
    }
    expect(calls).toHaveLength(4);
  });

  test("is offered again what it refused of a call, and no more than that", async () => {
    const { queue, calls } = await world((body, call) => body === "b" && call < 3);
    expect(await queue.put(["a", "b", "c"])).toEqual([true, true, true]);
    expect(calls.map((entries) => entries.map(({ MessageBody }) => MessageBody).join(""))).toEqual([
      "abc",
      "b",
      "b",
    ]);
  });

  test("that refuses a message for ever is given up on after three offers, and the others are stored", async () => {
    const { queue, calls, warnings } = await world((body) => body === "b");
    expect(await queue.put(["a", "b", "c"])).toEqual([true, false, true]);
    expect(calls).toHaveLength(3);
    expect(warnings).toHaveLength(1);
  });

  test("that fails one call fails its messages and no others", async () => {
    const { queue, warnings } = await world((body) => (body === "b" ? "down" : false));
    const bodies = [...Array<string>(10).fill("a"), "b", "c"];
    expect(await queue.put(bodies)).toEqual([...Array<boolean>(10).fill(true), false, false]);
    expect(warnings).toHaveLength(1);
  });
});
