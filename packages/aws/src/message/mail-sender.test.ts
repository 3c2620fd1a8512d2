import { exampleConfiguration } from "@tollhouse/core/memory/example";
import { confirmationMail } from "@tollhouse/core/contact/mail";
import type { EmailAddress } from "@tollhouse/core/contact/email-address";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { afterEach, expect, test, vi } from "vitest";
import { mailSenderOf } from "./mail-sender.ts";

const closing: (() => unknown)[] = [];
afterEach(() => {
  vi.unstubAllEnvs();
  for (const close of closing.splice(0)) close();
});

const page = { ...exampleConfiguration.registrationPage, mail: { from: "no-reply@example.com" } };
const mail = confirmationMail(page, "jane@example.com" as EmailAddress, "https://example.com/confirm");

/** Something that speaks SES, and answers as it is told. */
async function ses(status: number, error?: string) {
  const bodies: unknown[] = [];
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      bodies.push([request.method, request.url, JSON.parse(body)]);
      response.writeHead(status, { ...(error !== undefined && { "x-amzn-errortype": error }) });
      response.end(
        JSON.stringify(error === undefined ? { MessageId: "m-1" } : { message: "why jane@example.com" }),
      );
    });
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  closing.push(() => server.close());
  vi.stubEnv("AWS_ENDPOINT_URL_SESV2", `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  vi.stubEnv("AWS_REGION", "us-east-1");
  vi.stubEnv("AWS_ACCESS_KEY_ID", "LOCAL");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "local");
  return bodies;
}

test("a mail is handed to SES, from the address of the configuration", async () => {
  const bodies = await ses(200);
  expect(await mailSenderOf(page).send(mail)).toBe("sent");
  expect(bodies).toMatchObject([
    [
      "POST",
      "/v2/email/outbound-emails",
      {
        FromEmailAddress: "no-reply@example.com",
        Destination: { ToAddresses: ["jane@example.com"] },
        Content: { Simple: { Subject: { Data: mail.subject }, Body: { Text: { Data: mail.text } } } },
      },
    ],
  ]);
});

test("a mail that SES never takes is refused, and not sent again", async () => {
  const bodies = await ses(400, "BadRequestException");
  expect(await mailSenderOf(page).send(mail)).toEqual({ refused: "BadRequestException" });
  expect(bodies).toHaveLength(1);
});

test.each([
  [400, "MessageRejected", /verify the identity/],
  [400, "AccountSuspendedException", /AccountSuspendedException/],
  [429, "TooManyRequestsException", /TooManyRequestsException/],
  [500, "InternalFailure", /SES answered/],
])("a mail that SES does not take now (%i %s) waits", async (status, error, said) => {
  await ses(status, error);
  const thrown: unknown = await mailSenderOf(page)
    .send(mail)
    .catch((held: unknown) => held);
  expect(String(thrown)).toMatch(said);
  // SES's own words may name the receiver.
  expect(String(thrown)).not.toContain("why jane@example.com");
});

test("where no mail is configured nothing is sent", async () => {
  const bodies = await ses(200);
  expect(await mailSenderOf(exampleConfiguration.registrationPage).send(mail)).toHaveProperty("refused");
  expect(bodies).toEqual([]);
});
