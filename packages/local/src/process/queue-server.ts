import { Server } from "node:net";
import { startFauxqs } from "fauxqs";
import { liveWithParent, reportReady } from "./life.ts";

/**
 * SQS and SNS on this machine. `startFauxqs` alone can keep queues on disk, but listens on every interface; here, in a
 * process of its own, whatever listens listens on loopback.
 */
// eslint-disable-next-line @typescript-eslint/unbound-method -- it is called with its own server below.
const listen = Server.prototype.listen;
Server.prototype.listen = function (this: Server, ...args: unknown[]): Server {
  const [options, ...rest] = args;
  const bound =
    typeof options === "object" && options !== null ? [{ ...options, host: "127.0.0.1" }, ...rest] : args;
  return Reflect.apply(listen, this, bound) as Server;
} as typeof listen;

const [port = "0", dataDir] = process.argv.slice(2);
const server = await startFauxqs({
  port: Number(port),
  logger: false,
  ...(dataDir === undefined ? {} : { dataDir }),
});
liveWithParent(() => server.stop());
reportReady({ port: server.port });
