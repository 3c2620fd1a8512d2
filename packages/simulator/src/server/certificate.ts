import { createHash } from "node:crypto";
import { generate } from "selfsigned";

/** The key that signs SNS messages, with a certificate that also serves TLS on the loopback address. */
export interface SigningKey {
  readonly privateKeyPem: string;
  readonly certificatePem: string;
}

/** Both host names a client on this machine may use. */
const altNames = [
  { type: 2 as const, value: "localhost" },
  { type: 7 as const, ip: "127.0.0.1" },
];

/** Makes a key and a certificate that vouches for itself, so that clients can be told to trust it. */
export async function makeSigningKey(machineNowMs: number): Promise<SigningKey> {
  const made = await generate([{ name: "commonName", value: "AWS Marketplace simulator" }], {
    keySize: 2048,
    algorithm: "sha256",
    notBeforeDate: new Date(machineNowMs - 86_400_000),
    notAfterDate: new Date(machineNowMs + 10 * 365 * 86_400_000),
    extensions: [
      { name: "basicConstraints", cA: true, critical: true },
      { name: "keyUsage", digitalSignature: true, keyCertSign: true, keyEncipherment: true, critical: true },
      { name: "subjectAltName", altNames },
    ],
  });
  return { privateKeyPem: made.private, certificatePem: made.cert };
}

/** The path under which the certificate is served, named as SNS names its own. */
export const certificatePath = ({ certificatePem }: SigningKey): string =>
  `/SimpleNotificationService-${createHash("sha256").update(certificatePem).digest("hex").slice(0, 32)}.pem`;
