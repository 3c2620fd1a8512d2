import { BadRequestException, MessageRejected, SendEmailCommand, SESv2Client } from "@aws-sdk/client-sesv2";
import type { RegistrationPage } from "@tollhouse/core/configuration/configuration";
import type { MailSender } from "@tollhouse/core/contact/mail";

/** The relay does other things within its time: two tries of three seconds, and the outbox tries again each minute. */
const settings = {
  maxAttempts: 2,
  retryMode: "standard",
  requestHandler: { connectionTimeout: 1_500, requestTimeout: 3_000, throwOnRequestTimeout: true },
};

/**
 * Mail through Amazon SES. A message that SES rejects as it is (SES API v2 reference, SendEmail, November 2026) is refused for good;
 * an identity that is not verified yet, a paused account and a full quota are somebody's to mend, and the mail waits.
 * @param from whose address, or domain, is a verified identity
 */
function sesMailSender(from: string): MailSender {
  const client = new SESv2Client(settings);
  return {
    async send({ to, subject, text, html }) {
      const utf8 = (Data: string) => ({ Data, Charset: "UTF-8" });
      try {
        await client.send(
          new SendEmailCommand({
            FromEmailAddress: from,
            Destination: { ToAddresses: [to] },
            Content: { Simple: { Subject: utf8(subject), Body: { Text: utf8(text), Html: utf8(html) } } },
          }),
        );
        return "sent";
      } catch (error) {
        if (error instanceof BadRequestException) return { refused: error.name };
        throw new MailHeldError(error);
      }
    },
  };
}

/** Without a sender's address nothing is sent: what was promised by an earlier configuration is let go. */
export const mailSenderOf = ({ mail }: RegistrationPage): MailSender =>
  mail === undefined
    ? { send: () => Promise.resolve({ refused: "no mail is configured" }) }
    : sesMailSender(mail.from);

/** SES does not take a mail now. What SES itself says may name the receiver, and goes into no log. */
class MailHeldError extends Error {
  readonly code = "mail-held";
  readonly retryable = true;
  constructor(cause: unknown) {
    const name = cause instanceof Error ? cause.name : "something unknown";
    // Also what SES says of an identity that nobody verified; which of the two it is, only its text would tell.
    const remedy =
      cause instanceof MessageRejected
        ? ": verify the identity of registrationPage.mail.from in us-east-1, and leave the SES sandbox (docs/operations.md)"
        : "";
    super(`SES answered ${name}${remedy}`, { cause });
    this.name = "MailHeldError";
  }
}
