import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { AwsError } from "./aws-error.ts";

/** A request as it arrived, its body unread by anyone else. Header names are in small letters. */
export interface SignedRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** What the `Authorization` header claims; nothing of it is proven yet. */
export interface Claim {
  readonly accessKeyId: string;
  readonly date: string;
  readonly region: string;
  readonly service: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  readonly sessionToken: string | undefined;
}

const pattern =
  /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/;

/** Reads the claim. @throws AwsError when there is none, or none of Signature Version 4. */
export function claimOf({ headers }: SignedRequest): Claim {
  const authorization = headers["authorization"];
  if (authorization === undefined)
    throw new AwsError("MissingAuthenticationTokenException", "Request is missing Authentication Token", 403);
  const [, accessKeyId, date, region, service, signedHeaders, signature] = pattern.exec(authorization) ?? [];
  if (!accessKeyId || !date || !region || !service || !signedHeaders || !signature)
    throw new AwsError("IncompleteSignatureException", "Authorization header is no complete signature", 403);
  return {
    accessKeyId,
    date,
    region,
    service,
    signedHeaders: signedHeaders.split(";"),
    signature,
    sessionToken: headers["x-amz-security-token"],
  };
}

/** How far a signer's clock may be off: machine time, never simulated time. */
const maxSkewMs = 15 * 60_000;

/**
 * Proves that the holder of `secret` signed this request (IAM User Guide, "Create a signed AWS API request").
 * @throws AwsError when not, or when it was signed more than 15 minutes away from `machineNowMs`.
 */
export function verifySignature(
  request: SignedRequest,
  claim: Claim,
  secret: string,
  machineNowMs: number,
): void {
  const signedAt = request.headers["x-amz-date"] ?? "";
  const signedAtMs = Date.parse(
    signedAt.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z"),
  );
  if (!signedAt.startsWith(claim.date) || !(Math.abs(signedAtMs - machineNowMs) <= maxSkewMs))
    throw new AwsError("InvalidSignatureException", "Signature expired or not yet current", 403);
  const scope = `${claim.date}/${claim.region}/${claim.service}/aws4_request`;
  const toSign = ["AWS4-HMAC-SHA256", signedAt, scope, sha256(canonicalRequest(request, claim))].join("\n");
  const expected = createHmac("sha256", signingKey(secret, claim)).update(toSign).digest();
  if (
    !claim.signedHeaders.includes("host") ||
    !timingSafeEqual(expected, Buffer.from(claim.signature, "hex"))
  )
    throw new AwsError(
      "InvalidSignatureException",
      "The request signature we calculated does not match the signature you provided.",
      403,
    );
}

const signingKey = (secret: string, { date, region, service }: Claim): Buffer =>
  [date, region, service, "aws4_request"].reduce<Buffer>(
    (key, part) => createHmac("sha256", key).update(part).digest(),
    Buffer.from(`AWS4${secret}`),
  );

const sha256 = (data: string | Uint8Array): string => createHash("sha256").update(data).digest("hex");

function canonicalRequest({ method, url, headers, body }: SignedRequest, { signedHeaders }: Claim): string {
  const path = url.pathname.split("/").map(encoded).join("/");
  const query = [...url.searchParams]
    .map(([name, value]) => `${encoded(name)}=${encoded(value)}`)
    .sort()
    .join("&");
  const lines = signedHeaders.map((name) => `${name}:${(headers[name] ?? "").trim().replace(/\s+/g, " ")}\n`);
  return [method, path, query, lines.join(""), signedHeaders.join(";"), sha256(body)].join("\n");
}

const encoded = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
