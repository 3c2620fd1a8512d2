import { pass, type Verdict, warn } from "./finding.ts";
import type { Remedies } from "./remedy.ts";

/** Whether anybody hears the alarms. @param subscriptions `undefined` when the topic does not exist */
export function judgeAlarms(
  subscriptions: readonly { readonly endpoint: string; readonly isConfirmed: boolean }[] | undefined,
  topicArn: string,
  { deployStack }: Remedies,
): Verdict {
  const subscribe = `\`aws sns subscribe --region us-east-1 --topic-arn ${topicArn} --protocol email --notification-endpoint <address>\`, then press the link in the e-mail.`;
  if (subscriptions === undefined)
    return warn(`There is no topic ${topicArn}: nobody hears an alarm.`, deployStack);
  if (subscriptions.some(({ isConfirmed }) => isConfirmed)) return pass("Somebody is subscribed.");
  return warn(
    subscriptions.length === 0
      ? "Nobody is subscribed: nobody hears an alarm."
      : "Whoever was asked has not confirmed: nobody hears an alarm.",
    `Subscribe somebody: ${subscribe}`,
  );
}
