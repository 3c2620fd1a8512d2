import { createVerify } from "node:crypto";
import { get } from "node:https";

/** Fetches over TLS, trusting only `ca`. */
export const fetchTrusting = (url: string, ca: string): Promise<string> =>
  new Promise((resolve, reject) => {
    get(url, { ca, agent: false }, (response) => {
      let text = "";
      response.on("data", (chunk: Buffer) => (text += chunk.toString()));
      response.on("end", () => resolve(text));
    }).on("error", reject);
  });

export type Envelope = Record<string, string>;

/** Written from the SNS Developer Guide, "Verifying the signatures of Amazon SNS messages", apart from the simulator. */
export function isSigned(envelope: Envelope, certificate: string): boolean {
  const fields = [
    "Message",
    "MessageId",
    "Subject",
    "SubscribeURL",
    "Timestamp",
    "Token",
    "TopicArn",
    "Type",
  ];
  const text = fields
    .filter((name) => envelope[name] !== undefined)
    .map((name) => `${name}\n${envelope[name] ?? ""}\n`)
    .join("");
  return createVerify(envelope["SignatureVersion"] === "2" ? "sha256" : "sha1")
    .update(text)
    .verify(certificate, envelope["Signature"] ?? "", "base64");
}
