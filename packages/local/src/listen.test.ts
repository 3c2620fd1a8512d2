import type { AddressInfo } from "node:net";
import { Hono } from "hono";
import { expect, test } from "vitest";
import { listen } from "./listen.ts";

test("a site can be reached when it is said to listen, and a port that is taken is told", async () => {
  const site = new Hono();
  const server = await listen(site, 0);
  expect(server.listening).toBe(true);
  const { port } = server.address() as AddressInfo;
  await expect(listen(site, port)).rejects.toMatchObject({ code: "EADDRINUSE" });
  await new Promise((closed) => server.close(closed));
});
