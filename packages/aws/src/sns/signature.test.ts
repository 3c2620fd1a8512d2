import { ClientRequest, IncomingMessage } from "node:http";
import https from "node:https";
import { Socket } from "node:net";
import MessageValidator from "sns-validator";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { snsCertificates } from "./certificate.ts";
import { confirmation, type ExampleKey, exampleKey, notification, serve, signed } from "./example.ts";
import { readSignedMessage, refusalOf } from "./signature.ts";

let key: ExampleKey;
let stranger: ExampleKey;
let place: Awaited<ReturnType<typeof serve>>;
beforeAll(async () => {
  [key, stranger] = await Promise.all([exampleKey(), exampleKey()]);
  place = await serve((_, response) => response.end(key.certificatePem));
});
afterAll(() => place.close());
afterEach(() => {
  vi.restoreAllMocks();
});

async function judge(message: object) {
  const read = readSignedMessage(JSON.stringify(message), 262_144);
  return read === undefined ? "unreadable" : await refusalOf(read, snsCertificates(place.origin));
}

const messages: [string, Readonly<Record<string, string>>][] = [
  ["a notification", notification()],
  ["a notification with a subject", notification({ Subject: "Sample" })],
  ["a notification with an empty subject", notification({ Subject: "" })],
  ["a notification with accents and line breaks", notification({ Message: "é\r\n\u2028🙂\n" })],
  ["a question to confirm", confirmation("SubscriptionConfirmation")],
  ["word of an end", confirmation("UnsubscribeConfirmation")],
];

describe.each(["1", "2"])("signature version %s", (version) => {
  const sign = (fields: Readonly<Record<string, string>>, by = key) =>
    signed(fields, by, version, place.certificateUrl);

  test.each(messages)("of %s is accepted when SNS made it", async (_, fields) => {
    expect(await judge(sign(fields))).toBeUndefined();
  });

  test.each(messages)("of %s is refused when another made it", async (_, fields) => {
    expect(await judge(sign(fields, stranger))).toBe("signature-invalid");
  });

  test.each(messages)(
    "of %s is refused when any signed field was changed, or taken away",
    async (_, fields) => {
      for (const name of Object.keys(fields)) {
        const message = sign(fields);
        const changed = name === "Type" ? "UnsubscribeConfirmation" : `${fields[name] ?? ""}.`;
        if (changed !== fields[name])
          expect([name, await judge({ ...message, [name]: changed })]).toEqual([name, "signature-invalid"]);
        expect([name, await judge({ ...message, [name]: undefined })]).not.toEqual([name, undefined]);
      }
    },
  );

  test("is refused when a subject was added, or the signature is none", async () => {
    expect(await judge({ ...sign(notification()), Subject: "Sample" })).toBe("signature-invalid");
    expect(await judge({ ...sign(notification()), Signature: "????" })).toBe("signature-invalid");
  });

  test("is refused when it is said to be of the other version", async () => {
    const other = version === "1" ? "2" : "1";
    expect(await judge({ ...sign(notification()), SignatureVersion: other })).toBe("signature-invalid");
  });
});

test.each(["0", "3", "", "1 ", "toString"])("signature version %j is not known", async (version) => {
  expect(
    await judge({ ...signed(notification(), key, "2", place.certificateUrl), SignatureVersion: version }),
  ).toBe("signature-version-unknown");
});

test("a certificate of another host is refused, though the signature fits it", async () => {
  const elsewhere = signed(
    notification(),
    key,
    "2",
    "https://sns.example.com/SimpleNotificationService-1.pem",
  );
  expect(await judge(elsewhere)).toBe("certificate-refused");
});

test.each([
  ["no object", []],
  ["of another kind", { ...notification(), Type: "Receipt" }],
  ["without a signature", notification()],
])("what SNS would not post is not read: %s", async (_, message) => {
  expect(await judge(message)).toBe("unreadable");
});

/** AWS's own validator takes no certificate but over https, so this test answers in the place of https. */
function throughAwsValidator(message: Readonly<Record<string, string>>): Promise<unknown> {
  vi.spyOn(https, "get").mockImplementation(((_url: string, answer: (response: IncomingMessage) => void) => {
    const response = Object.assign(new IncomingMessage(new Socket()), { statusCode: 200 });
    answer(response);
    response.push(key.certificatePem);
    response.push(null);
    return new ClientRequest("http://127.0.0.1:9").on("error", () => undefined);
  }) as typeof https.get);
  return new Promise((resolve) => {
    new MessageValidator(/./).validate({ ...message }, resolve);
  });
}

/** Of the word of an end it does not sign the token, unlike the guide: there ours and AWS's validator differ. */
test.each(messages.slice(0, -1))("AWS's own validator agrees about %s", async (_, fields) => {
  for (const version of ["1", "2"]) {
    const message = signed(fields, key, version, "https://sns.us-east-1.amazonaws.com/x.pem");
    expect(await throughAwsValidator(message)).toBeNull();
    expect(await throughAwsValidator({ ...message, Message: "other" })).toBeInstanceOf(Error);
  }
});
