import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { GetCommand } from "@aws-sdk/lib-dynamodb";
import { afterEach, expect, test, vi } from "vitest";
import { makeDocumentClient } from "./client.ts";

afterEach(() => vi.useRealTimers());

test("a call that waits for others is not given up before it was sent", async () => {
  const held: ServerResponse[] = [];
  const server = createServer((_, response) => {
    held.push(response);
    server.emit("held");
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const isHeld = async (count: number) => {
    while (held.length < count) await once(server, "held");
  };
  const client = makeDocumentClient({
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    region: "us-east-1",
    credentials: { accessKeyId: "OURS", secretAccessKey: "of-no-worth" },
  });
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  const calls = Array.from({ length: 51 }, () =>
    client.send(new GetCommand({ TableName: "T", Key: { pk: "p", sk: "s" } })),
  );
  await isHeld(50);
  // Longer than the time-out of a connection, shorter than that of an answer.
  await vi.advanceTimersByTimeAsync(5_000);
  for (const response of held) response.end("{}");
  await isHeld(51);
  held.at(-1)?.end("{}");
  const attempts = (await Promise.all(calls)).map(({ $metadata }) => $metadata.attempts);
  expect(attempts).toEqual(calls.map(() => 1));
  client.destroy();
  server.close();
});
