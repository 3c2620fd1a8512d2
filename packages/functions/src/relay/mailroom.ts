import type { Logger } from "@tollhouse/aws/logging/logger";
import type { Measure } from "@tollhouse/aws/metric/measure";
import type { RegistrationPage } from "@tollhouse/core/configuration/configuration";
import { confirmationMailroom } from "@tollhouse/core/contact/send-confirmation";
import type { Mailroom } from "@tollhouse/core/outbox/outbox";

type Ports = Omit<Parameters<typeof confirmationMailroom>[0], "hasTime" | "onTrouble"> & {
  readonly logger: Pick<Logger, "warn">;
  readonly measure: Measure;
  /** The machine's time in milliseconds. */
  readonly elapsedMs?: () => number;
};

/** Of the relay's 45 seconds, so much is for mail; one more mail may take SES's six seconds beyond it. */
const budgetMs = 10_000;

/**
 * Mail that cannot be sent waits, with a measure and an alarm of its own. It fails no run of the relay: that would say that events for
 * the seller's services are late, which they are not.
 */
export const relayMailroom = (ports: Ports, page: RegistrationPage): Mailroom => ({
  async deliver(customerIds) {
    const { logger, measure, elapsedMs = () => performance.now() } = ports;
    const endsAtMs = elapsedMs() + budgetMs;
    const mailroom = confirmationMailroom(
      {
        ...ports,
        hasTime: () => elapsedMs() < endsAtMs,
        onTrouble: (reason) => logger.warn("A mail was not sent", { reason }),
      },
      page,
    );
    const delivered = await mailroom.deliver(customerIds);
    const left = customerIds.length - delivered.length;
    if (left > 0) measure({ MailsLeft: left });
    return delivered;
  },
});
