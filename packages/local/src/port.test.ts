import { once } from "node:events";
import { createServer } from "node:net";
import getPort, { clearLockedPorts, portNumbers } from "get-port";
import { expect, test } from "vitest";
import { choosePorts } from "./port.ts";

/** Below the range that systems give out by themselves, so that nobody beside this test takes a part of the row. */
const quiet = portNumbers(21_000, 29_000);

test("the database's port must be free on every interface, as DynamoDB Local listens on them all", async () => {
  const first = await getPort({ port: quiet });
  clearLockedPorts();
  const database = first + 4;
  const other = createServer().listen(database, "127.0.0.2");
  await once(other, "listening");
  await expect(choosePorts(first)).rejects.toThrow(`Port ${database} (database) is taken`);
  other.close();
});
