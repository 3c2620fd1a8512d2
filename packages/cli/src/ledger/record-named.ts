import { readRecordName, recordPlace, type RecordPlace } from "@tollhouse/core/ledger/record-name";
import { CommandError } from "../failure.ts";
import { subscriptionNamed } from "../subscription/find.ts";

/**
 * The record that one name or three texts mean; a license in any of AWS's spellings means its subscription.
 * @throws CommandError when they name none
 */
export function recordNamed(texts: readonly string[]): RecordPlace {
  const [first = "", dimension, hour, ...more] = texts;
  const [a = "", b = "", c = "", ...rest] = first.trim().split(/\s+/);
  const found =
    dimension === undefined
      ? // Logs write the three with blanks between them.
        (readRecordName(first) ?? (rest.length === 0 ? recordPlace(a, b, c) : undefined))
      : hour === undefined || more.length > 0
        ? undefined
        : recordPlace(first.trim(), dimension, hour.trim());
  if (found === undefined)
    throw new CommandError(
      "wrong-usage",
      `"${texts.join(" ")}" names no usage record: write <subscription>/<dimension>/<hour>, e.g. l-0123456789abcdef0123456789abcdef/gb_stored/2026-08-20T14, or the three one after the other. \`tollhouse ledger show <subscription> --json\` has the names, and AWS's receipts (meteringRecordId) beside them.`,
    );
  const { key } = found;
  return { ...found, key: { ...key, subscriptionId: subscriptionNamed(key.subscriptionId) } };
}
