import { afterEach, describe, expect, test, vi } from "vitest";
import { type ScriptedAnswer, scriptedService } from "../scripted-service.ts";
import { ConfirmationError, snsSubscriptionConfirmer } from "./subscription.ts";

const topicArn = "arn:aws:sns:us-east-1:287250355862:aws-mp-subscription-notification-n0123";
const confirmation = { topicArn, token: "2336412f37sample" };

const confirmed: ScriptedAnswer = {
  body: `<ConfirmSubscriptionResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><ConfirmSubscriptionResult><SubscriptionArn>${topicArn}:1</SubscriptionArn></ConfirmSubscriptionResult></ConfirmSubscriptionResponse>`,
};
const refused = (code: string, status: number): ScriptedAnswer => ({
  status,
  body: `<ErrorResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><Error><Type>Sender</Type><Code>${code}</Code><Message>No.</Message></Error></ErrorResponse>`,
});

async function sns(...script: [ScriptedAnswer, ...ScriptedAnswer[]]) {
  const service = await scriptedService(...script);
  close = service.close;
  vi.stubEnv("AWS_ENDPOINT_URL_SNS", service.url);
  vi.stubEnv("AWS_ACCESS_KEY_ID", "OURS");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "of-no-worth");
  return { ...service, confirmer: snsSubscriptionConfirmer() };
}
let close: () => Promise<void> = () => Promise.resolve();
afterEach(async () => {
  vi.unstubAllEnvs();
  await close();
});

describe("confirming a subscription", () => {
  test("signs topic and token, and leaves nobody the power to end it unsigned", async () => {
    const { confirmer, calls } = await sns(confirmed);
    expect(await confirmer.confirm(confirmation)).toBe("confirmed");
    expect(calls).toHaveLength(1);
    expect(calls[0]?.body).toMatchObject({
      Action: "ConfirmSubscription",
      TopicArn: topicArn,
      Token: confirmation.token,
      AuthenticateOnUnsubscribe: "true",
    });
    expect(calls[0]?.signedBy).toMatch(/^OURS\/\d{8}\/us-east-1\/sns$/);
  });

  test.each([
    ["an expired or unknown token", refused("InvalidParameter", 400)],
    ["a topic that is gone", refused("NotFound", 404)],
  ])("with %s is refused with the remedy, and tried once", async (_, answer) => {
    const { confirmer, calls } = await sns(answer);
    expect(await confirmer.confirm(confirmation)).toEqual({
      refused: expect.stringMatching(/request the subscription again/) as string,
    });
    expect(calls).toHaveLength(1);
  });

  test("without the permission fails with the remedy, and without the token", async () => {
    const { confirmer } = await sns(refused("AuthorizationError", 403));
    const error = await confirmer.confirm(confirmation).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ConfirmationError);
    expect(error).toMatchObject({
      retryable: true,
      message: expect.stringMatching(/lacks sns:ConfirmSubscription/) as string,
    });
    expect(String(error)).not.toContain(confirmation.token);
  });
});
