import { createServer } from "node:http";
import { MarketplaceMeteringClient, ResolveCustomerCommand } from "@aws-sdk/client-marketplace-metering";
import { afterEach, expect, test, vi } from "vitest";
import { clientSettings, pageClientSettings } from "./client-settings.ts";

afterEach(() => vi.unstubAllEnvs());

test.each([
  ["every call", clientSettings],
  ["a call that a page waits for", pageClientSettings],
])("%s gives up on an answer that never comes", async (_, settings) => {
  const silent = createServer(() => undefined);
  await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
  const address = silent.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const client = new MarketplaceMeteringClient({
    ...settings,
    // The same settings, in a hurry.
    requestHandler: { ...settings.requestHandler, requestTimeout: 50 },
    maxAttempts: 1,
    endpoint: `http://127.0.0.1:${port}`,
    region: "us-east-1",
    credentials: { accessKeyId: "OURS", secretAccessKey: "of-no-worth" },
  });
  const call = client.send(new ResolveCustomerCommand({ RegistrationToken: "t" }));
  await expect(call).rejects.toMatchObject({ name: "TimeoutError" });
  client.destroy();
  silent.closeAllConnections();
  silent.close();
});
