import { fail, pass, type Verdict, warn } from "./finding.ts";

/** AWS refuses signatures that are five minutes off (IAM guide, "Troubleshoot Signature Version 4"); a minute's room is left. */
const mostSkewSeconds = 240;
const noticedSkewSeconds = 60;

const remedy = "Set this machine's clock by NTP, e.g. `timedatectl set-ntp true`; on Lambda, tell AWS.";

/** @param skewMs how far the machine's clock is ahead of AWS's */
export function judgeClock(skewMs: number): Verdict {
  const seconds = Math.round(Math.abs(skewMs) / 1_000);
  const sentence = `The machine's clock is ${seconds} s ${skewMs < 0 ? "behind" : "ahead of"} AWS's.`;
  if (seconds > mostSkewSeconds)
    return fail(`${sentence} From 300 s on AWS refuses every signature.`, remedy);
  if (seconds > noticedSkewSeconds) return warn(`${sentence} From 300 s on AWS refuses signatures.`, remedy);
  return pass(seconds === 0 ? "Both show the same second." : sentence);
}
