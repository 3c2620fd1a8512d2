import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/**
 * As much of AWS as `sst diff` asks for before it hands over to Pulumi: the parameter that says where SST's buckets are, the
 * stage's passphrase, and the objects in the state bucket. @returns what was asked, to see that nothing else was.
 */
export async function startFakeAws(
  account: string,
): Promise<{ url: string; asked: string[]; stop: () => void }> {
  const asked: string[] = [];
  const parameters = new Map([["/sst/bootstrap", JSON.stringify(bootstrap(account))]]);
  const objects = new Map<string, Buffer>();
  const server = createServer((request, response) => {
    void bodyOf(request).then((body) => {
      const { status, answer } = answerTo(request, body, { parameters, objects }, asked);
      response.statusCode = status;
      response.end(answer);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: urlOf(server), asked, stop: () => server.close() };
}

const urlOf = (server: Server): string =>
  `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;

/** A version above any that SST knows, so that it does not make its buckets anew. */
const bootstrap = (account: string) => ({
  version: 99,
  asset: "sst-asset",
  state: "sst-state",
  assetEcrRegistryId: account,
  assetEcrUrl: `${account}.dkr.ecr.us-east-1.amazonaws.com/sst-asset`,
});

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

interface Kept {
  readonly parameters: Map<string, string>;
  readonly objects: Map<string, Buffer>;
}
interface Answer {
  readonly status: number;
  readonly answer: string | Buffer;
}

function answerTo(
  { method = "", url = "", headers }: IncomingMessage,
  body: Buffer,
  { parameters, objects }: Kept,
  asked: string[],
): Answer {
  const target = headers["x-amz-target"];
  if (typeof target === "string") {
    asked.push(target);
    const { Name = "", Value = "" } = JSON.parse(body.toString()) as { Name?: string; Value?: string };
    if (target === "AmazonSSM.PutParameter") {
      parameters.set(Name, Value);
      return { status: 200, answer: JSON.stringify({ Version: 1 }) };
    }
    const known = target === "AmazonSSM.GetParameter" ? parameters.get(Name) : undefined;
    return known === undefined
      ? { status: 400, answer: JSON.stringify({ __type: "ParameterNotFound", message: Name }) }
      : { status: 200, answer: JSON.stringify({ Parameter: { Name, Value: known, Type: "String" } }) };
  }
  const place = url.split("?")[0] ?? "";
  asked.push(`S3 ${method}`);
  if (method === "PUT") objects.set(place, body);
  const object = objects.get(place);
  return object === undefined
    ? { status: 404, answer: "<Error><Code>NoSuchKey</Code><Message>none</Message></Error>" }
    : { status: 200, answer: method === "PUT" ? "" : object };
}
