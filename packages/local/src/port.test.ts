import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { expect, test } from "vitest";
import { choosePorts } from "./port.ts";

/** A port that something holds on one address of this machine. */
async function holdPort(host: string): Promise<{ port: number; release: () => void }> {
  const server = createServer().listen(0, host);
  await once(server, "listening");
  return { port: (server.address() as AddressInfo).port, release: () => server.close() };
}

test("the database's port must be free on every interface, as DynamoDB Local listens on them all", async () => {
  const other = await holdPort("127.0.0.2");
  await expect(choosePorts(other.port - 4)).rejects.toThrow(`Port ${other.port} (database) is taken`);
  other.release();
});
