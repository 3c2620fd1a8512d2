import { type KeyObject, X509Certificate } from "node:crypto";

/**
 * Where SNS keeps the certificates that it signs with: in the Region of the topic, and AWS Marketplace's topics are all in
 * us-east-1 (SNS Developer Guide, "Verifying the signatures of Amazon SNS messages", read 2026).
 */
const awsOrigin = "https://sns.us-east-1.amazonaws.com";

/** The local world was told to trust certificates of a machine that is not this one. */
export class CertificateOriginError extends Error {
  readonly code = "certificate-origin-refused";
  constructor(origin: string) {
    super(
      `"${origin}" is no place for SNS's certificates: whoever holds it could sign for AWS. Only https://127.0.0.1:<port> may stand in for AWS.`,
    );
    this.name = "CertificateOriginError";
  }
}

/**
 * AWS's place, or the simulator's on this machine. Nowhere else: on Lambda nobody answers on the loopback address, so that even
 * a variable set by mistake opens nothing. @throws CertificateOriginError
 */
export function certificateOrigin(local: string | undefined): string {
  if (local === undefined) return awsOrigin;
  if (/^https:\/\/(127\.0\.0\.1|localhost):\d{1,5}$/.test(local)) return local;
  throw new CertificateOriginError(local);
}

/** A certificate could not be read just now; the message comes again. */
export class CertificateUnavailableError extends Error {
  readonly code = "certificate-unavailable";
  readonly retryable = true;
  constructor(url: string, reason: string, cause?: unknown) {
    super(`The certificate ${url} could not be read: ${reason}.`, { cause });
    this.name = "CertificateUnavailableError";
  }
}

export interface Certificates {
  /** The public key of an SNS certificate; `undefined` when the address is none of SNS's. @throws CertificateUnavailableError */
  keyAt(url: string): Promise<KeyObject | undefined>;
}

/** SNS's have about two kilobytes; AWS changes them rarely, and two are in use while it does. */
const maxBytes = 16_384;
const maxKept = 8;
const deadlineMs = 3_000;

/** @param deadline when to give up on one certificate */
export function snsCertificates(
  origin: string,
  deadline: () => AbortSignal = () => AbortSignal.timeout(deadlineMs),
): Certificates {
  /** Whoever asks while one is being read waits for the same reading; what came to nothing is not kept. */
  const kept = new Map<string, Promise<KeyObject>>();
  const keep = (url: string): Promise<KeyObject> => {
    const reading = readKey(url, deadline());
    kept.set(url, reading);
    const [oldest] = kept.keys();
    if (kept.size > maxKept && oldest !== undefined) kept.delete(oldest);
    reading.catch(() => kept.delete(url));
    return reading;
  };
  return {
    async keyAt(url) {
      if (!url.startsWith(`${origin}/`) || !fileName.test(url.slice(origin.length + 1))) return undefined;
      return kept.get(url) ?? keep(url);
    },
  };
}

const fileName = /^SimpleNotificationService-[A-Za-z0-9]{1,64}\.pem$/;

async function readKey(url: string, deadline: AbortSignal): Promise<KeyObject> {
  const pem = await download(url, deadline).catch((error: unknown) => {
    if (error instanceof CertificateUnavailableError) throw error;
    throw new CertificateUnavailableError(url, deadline.aborted ? "it took too long" : "no answer", error);
  });
  try {
    const { publicKey } = new X509Certificate(pem);
    if (publicKey.asymmetricKeyType === "rsa") return publicKey;
  } catch (error) {
    throw new CertificateUnavailableError(url, "what is there is no certificate", error);
  }
  throw new CertificateUnavailableError(url, "its key is not RSA");
}

/** No redirects: they could lead away from AWS. @throws CertificateUnavailableError, for whatever the place answers may pass */
async function download(url: string, signal: AbortSignal): Promise<Buffer> {
  const response = await fetch(url, { redirect: "manual", signal });
  if (response.status !== 200) {
    await response.body?.cancel();
    throw new CertificateUnavailableError(url, `HTTP ${response.status}`);
  }
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  const body: AsyncIterable<Uint8Array> | null = response.body;
  // Leaving the loop early ends the transfer.
  for await (const chunk of body ?? []) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw new CertificateUnavailableError(url, `it is longer than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
