import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

/** One call that an SDK client made. */
export interface ScriptedCall {
  /** What AWS JSON names in a header and the Query protocol in the form. */
  readonly operation: string;
  readonly body: Readonly<Record<string, unknown>>;
  /** The access key that signed it, and for which service: `AKIA…/20260820/us-east-1/sns`. */
  readonly signedBy: string;
}

/** JSON or XML to answer with; a status other than 200 is an error. */
export interface ScriptedAnswer {
  readonly status?: number;
  readonly body: object | string;
}

/** AWS JSON's form of an error. */
export const awsError = (code: string, status = 400): ScriptedAnswer => ({
  status,
  body: { __type: code, message: "A message that nobody may decide by." },
});

/** STS's answer to AssumeRole: a session whose access key is `SESSION`. */
export const sessionAnswer: ScriptedAnswer = {
  body:
    `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>` +
    `<AccessKeyId>SESSION</AccessKeyId><SecretAccessKey>of-no-worth</SecretAccessKey><SessionToken>token</SessionToken>` +
    `<Expiration>2999-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`,
};

/**
 * Stands in for an AWS service in tests, over real HTTP: answers each call with the script's next line, the last one for ever,
 * and remembers what was asked. A client finds it by `AWS_ENDPOINT_URL…`.
 */
export async function scriptedService(...script: readonly [ScriptedAnswer, ...ScriptedAnswer[]]) {
  const calls: ScriptedCall[] = [];
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    calls.push(toCall(request, await text(request)));
    const { status = 200, body } = script[Math.min(calls.length, script.length) - 1] ?? script[0];
    const type = typeof body === "string" ? "text/xml" : "application/x-amz-json-1.1";
    response.writeHead(status, { "content-type": type });
    response.end(typeof body === "string" ? body : JSON.stringify(body));
  };
  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    close: () =>
      new Promise<void>((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}

function toCall({ headers }: IncomingMessage, body: string): ScriptedCall {
  const target = headers["x-amz-target"];
  const form = Object.fromEntries(new URLSearchParams(body));
  const [, signedBy = "nobody"] = /Credential=([^,]+)\/aws4_request/.exec(headers.authorization ?? "") ?? [];
  return typeof target === "string"
    ? { operation: target, body: JSON.parse(body) as ScriptedCall["body"], signedBy }
    : { operation: form["Action"] ?? "", body: form, signedBy };
}
