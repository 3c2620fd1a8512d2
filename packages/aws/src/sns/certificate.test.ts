import type { RequestListener } from "node:http";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import {
  certificateOrigin,
  CertificateOriginError,
  CertificateUnavailableError,
  snsCertificates,
} from "./certificate.ts";
import { type ExampleKey, exampleKey, serve } from "./example.ts";

let key: ExampleKey;
beforeAll(async () => {
  key = await exampleKey();
});

let close: () => Promise<void> = () => Promise.resolve();
afterEach(() => close());

/** A place for certificates that counts how often it was asked. */
async function place(listener: RequestListener, deadline?: () => AbortSignal) {
  const asked: string[] = [];
  const server = await serve((request, response) => {
    asked.push(request.url ?? "");
    listener(request, response);
  });
  close = server.close;
  return { ...server, asked, certificates: snsCertificates(server.origin, deadline) };
}
const giveIt: RequestListener = (_, response) => response.end(key.certificatePem);

describe("a certificate of SNS", () => {
  test("is read once, however many ask at the same time and later", async () => {
    const { certificates, certificateUrl, asked } = await place(giveIt);
    const keys = await Promise.all(Array.from({ length: 5 }, () => certificates.keyAt(certificateUrl)));
    expect(keys.every((found) => found?.asymmetricKeyType === "rsa")).toBe(true);
    await certificates.keyAt(certificateUrl);
    expect(asked).toHaveLength(1);
  });

  test("is kept with few others: old ones are read again", async () => {
    const { certificates, origin, asked } = await place(giveIt);
    const url = (index: number) => `${origin}/SimpleNotificationService-${index}.pem`;
    for (let index = 0; index < 9; index += 1) await certificates.keyAt(url(index));
    await certificates.keyAt(url(8));
    expect(asked).toHaveLength(9);
    await certificates.keyAt(url(0));
    expect(asked).toHaveLength(10);
  });

  test.each([
    ["of another host", "OTHER/SimpleNotificationService-1.pem"],
    ["of a host that begins with ours", "ORIGIN.example.com/SimpleNotificationService-1.pem"],
    ["behind a user name", "http://127.0.0.1@example.com/SimpleNotificationService-1.pem"],
    ["of another name", "ORIGIN/other.pem"],
    ["of another kind", "ORIGIN/SimpleNotificationService-1.txt"],
    ["in another folder", "ORIGIN/folder/SimpleNotificationService-1.pem"],
    ["with a query", "ORIGIN/SimpleNotificationService-1.pem?x=.pem"],
    ["with a step up", "ORIGIN/SimpleNotificationService-1/../x.pem"],
    ["with a line break", "ORIGIN/SimpleNotificationService-1.pem\n"],
  ])("%s is none, and nobody is asked for it", async (_, url) => {
    const { certificates, origin, asked } = await place(giveIt);
    const other = origin.replace("127.0.0.1", "127.0.0.2");
    expect(await certificates.keyAt(url.replace("ORIGIN", origin).replace("OTHER", other))).toBeUndefined();
    expect(asked).toEqual([]);
  });

  test.each<[string, RequestListener]>([
    [
      "a redirect",
      (_, response) => response.writeHead(302, { location: "/SimpleNotificationService-2.pem" }).end(),
    ],
    ["no such file", (_, response) => response.writeHead(403).end()],
    [
      "a certificate that goes on too long",
      (_, response) => response.end(key.certificatePem.padEnd(16_385, "\n")),
    ],
    ["something else", (_, response) => response.end("hello")],
    ["nothing", (_, response) => response.end()],
  ])("is wanted again later when the place answers with %s", async (_, listener) => {
    const { certificates, certificateUrl, asked } = await place(listener);
    for (let tries = 0; tries < 2; tries += 1)
      await expect(certificates.keyAt(certificateUrl)).rejects.toThrow(CertificateUnavailableError);
    expect(asked).toEqual(Array.from({ length: 2 }, () => "/SimpleNotificationService-0123456789abcdef.pem"));
  });

  test.each([500, 503, 429])("is wanted again later when the place answers %i", async (status) => {
    const { certificates, certificateUrl, asked } = await place((_, response) =>
      response.writeHead(status).end(),
    );
    for (let tries = 0; tries < 2; tries += 1)
      await expect(certificates.keyAt(certificateUrl)).rejects.toThrow(CertificateUnavailableError);
    expect(asked).toHaveLength(2);
  });

  test("is given up at the deadline when the place does not answer", async () => {
    const deadline = new AbortController();
    const silent: RequestListener = () => deadline.abort();
    const { certificates, certificateUrl } = await place(silent, () => deadline.signal);
    await expect(certificates.keyAt(certificateUrl)).rejects.toThrow(/it took too long/);
  });

  test("is given up at the deadline when the place stops in the middle", async () => {
    const deadline = new AbortController();
    const halting: RequestListener = (_, response) => {
      response.write(key.certificatePem.slice(0, 100), () => deadline.abort());
    };
    const { certificates, certificateUrl } = await place(halting, () => deadline.signal);
    await expect(certificates.keyAt(certificateUrl)).rejects.toThrow(/it took too long/);
  });
});

describe("where certificates may come from", () => {
  test("is AWS, or this machine when the local world says so", () => {
    expect(certificateOrigin(undefined)).toBe("https://sns.us-east-1.amazonaws.com");
    expect(certificateOrigin("https://127.0.0.1:8443")).toBe("https://127.0.0.1:8443");
  });

  test.each([
    "",
    "https://sns.example.com",
    "https://127.0.0.1.example.com:443",
    "https://127.0.0.1:443@example.com",
    "http://127.0.0.1:8443",
    "https://127.0.0.1:8443/x",
    "https://[::1]:8443",
  ])("is never %j", (origin) => {
    expect(() => certificateOrigin(origin)).toThrow(CertificateOriginError);
  });
});
