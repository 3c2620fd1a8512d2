import { once } from "node:events";
import { createServer, request } from "node:http";

/** Stands between the functions and AWS Marketplace, passes every request on to the byte, and keeps what was sent. */
export async function callRecorder(port: number) {
  const bodies: string[] = [];
  const server = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = [];
    incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
    incoming.on("end", () => {
      const body = Buffer.concat(chunks);
      bodies.push(body.toString());
      const { method, url, headers } = incoming;
      // The host is signed, so it stays the one that the caller named.
      const passedOn = request({ host: "127.0.0.1", port, method, path: url, headers }, (answer) => {
        outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
        answer.pipe(outgoing);
      });
      // An answer that is lost behind us is lost before us.
      passedOn.on("error", () => incoming.socket.destroy());
      passedOn.end(body);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The recorder has no port.");
  return {
    url: `http://127.0.0.1:${address.port}`,
    /** The bodies of all requests, in their order. */
    bodies,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
