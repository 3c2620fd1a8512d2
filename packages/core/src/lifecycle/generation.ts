import type { Product } from "../configuration/configuration.ts";
import { hourStart } from "../time/utc-hour.ts";
import { minuteMs } from "../time/instant.ts";
import type { Fact } from "./fact.ts";
import { concurrentFrom } from "./live-licenses.ts";

/** How AWS Marketplace tells of a listing: SNS topics (made before June 2026) or EventBridge. */
type Generation = "sns" | "eventbridge";

/** The generation that a fact is of; `undefined` for the buyer's visit and for what we note ourselves. */
function generationOf({ kind }: Pick<Fact, "kind">): Generation | undefined {
  switch (kind) {
    case "subscribe-succeeded":
    case "subscribe-failed":
    case "unsubscribe-pending":
    case "unsubscribe-succeeded":
    case "entitlement-updated":
      return "sns";
    case "agreement-created":
    case "agreement-amended":
    case "agreement-ended":
    case "license-updated":
    case "license-deprovisioned":
      return "eventbridge";
    case "customer-registered":
    case "notice":
    case "window-elapsed":
    case "start-reached":
      return undefined;
    default:
      return kind satisfies never;
  }
}

/**
 * So long before and after the hour of a migration facts of both generations count: each names its own instant of the same
 * event, up to a minute apart, and one that lay just on the wrong side of the hour in both would be lost.
 */
const migrationOverlapMinutes = 15;

/**
 * Says of each fact whether it moves the subscription that all these facts, sorted by time, are about; one of the generation
 * that does not decide at its time is evidence only. In a migration SNS goes on deciding for a buyer of whom EventBridge has
 * said nothing: nobody has tied a license to that buyer, and silence must neither keep anyone inside nor outside. And it
 * decides no longer for a buyer who holds two licenses at once, whatever the hour.
 */
export function movesIn(
  { generation, migratesFromHour }: Product,
  sorted: readonly Fact[],
): (fact: Fact) => boolean {
  const isTied = sorted.some((fact) => generationOf(fact) === "eventbridge");
  const concurrent = concurrentFrom(sorted) ?? Number.POSITIVE_INFINITY;
  const overlapMs = migrationOverlapMinutes * minuteMs;
  return (fact) => {
    const told = generationOf(fact);
    if (told === undefined || told === generation) return true;
    if (generation !== "migrating" || migratesFromHour === undefined) return false;
    const begins = hourStart(migratesFromHour);
    return told === "sns"
      ? !isTied || fact.at < Math.min(begins + overlapMs, concurrent)
      : fact.at >= Math.min(begins - overlapMs, concurrent);
  };
}
