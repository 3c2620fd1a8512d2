import * as z from "zod";

/** In the order in which people read them: who we are, then every link from AWS Marketplace to the bill. */
export const groups = [
  "account",
  "clock",
  "roles",
  "notifications",
  "queues",
  "tables",
  "marketplace",
  "functions",
] as const;
export type Group = (typeof groups)[number];

const tried = {
  /** Stable, so that programs can look for it: `roles.metering.trust`. */
  id: z.string(),
  group: z.enum(groups),
  /** The sentence that holds when all is well. */
  tried: z.string(),
  /** What was found. */
  detail: z.string(),
};

/** Which command, setting or template mends it. */
const remedy = z.string();

/** One link of an installation, and what became of trying it. It crosses the wire from the function to whoever asks. */
export const findingSchema = z
  .discriminatedUnion("status", [
    z.object({ ...tried, status: z.literal("pass") }),
    /** Nothing is lost by it now. */
    z.object({ ...tried, status: z.literal("warn"), remedy }),
    z.object({ ...tried, status: z.literal("fail"), remedy }),
    /** It could not be tried; the detail says why. */
    z.object({ ...tried, status: z.literal("unknown"), remedy }),
    /** Not needed by this installation, or nothing that exists in this place. */
    z.object({ ...tried, status: z.literal("skipped") }),
  ])
  .readonly();
export type Finding = z.output<typeof findingSchema>;
export type Status = Finding["status"];

/** What looking at one link came to. */
export type Verdict = Omit<Finding & { status: "pass" | "skipped" }, "id" | "group" | "tried"> | Complaint;
export interface Complaint {
  readonly status: "warn" | "fail" | "unknown";
  readonly detail: string;
  readonly remedy: string;
}

export const pass = (detail: string): Verdict => ({ status: "pass", detail });
export const skipped = (detail: string): Verdict => ({ status: "skipped", detail });
export const warn = (detail: string, remedy: string): Complaint => ({ status: "warn", detail, remedy });
export const fail = (detail: string, remedy: string): Complaint => ({ status: "fail", detail, remedy });

/** Fails with all that is wrong, or passes when nothing is. */
export const failIfAny = (problems: readonly string[], remedy: string, sound: string): Verdict =>
  problems.length === 0 ? pass(sound) : fail(`${capitalised(problems.join("; "))}.`, remedy);

const capitalised = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** Whether everything that was tried holds. A warning does not count; what could not be tried does. */
export const isSound = (findings: readonly Pick<Finding, "status">[]): boolean =>
  findings.every(({ status }) => status !== "fail" && status !== "unknown");
