import { fail, failIfAny, pass, skipped, type Verdict } from "./finding.ts";
import type { Remedies } from "./remedy.ts";

interface Key {
  readonly partition: string;
  readonly sort: string;
}

/** What a table is addressed by. */
export interface TableShape {
  readonly key: Key;
  readonly indexes: Readonly<Record<string, Key & { readonly holds: "all" | readonly string[] }>>;
}

export interface SeenTable extends TableShape {
  /** `ACTIVE`, or what it is doing instead. */
  readonly status: string;
  readonly indexStatuses: Readonly<Record<string, string>>;
  readonly isProtected: boolean;
}

/** Whether the stores find what they look for. */
export function judgeShape(
  table: SeenTable | undefined,
  wanted: TableShape,
  { deployStack }: Remedies,
): Verdict {
  if (table === undefined) return fail("The table does not exist.", deployStack);
  const indexes = Object.entries(wanted.indexes);
  return failIfAny(
    [
      ...(table.status === "ACTIVE" ? [] : [`the table is ${table.status}`]),
      ...(keyOf(table.key) === keyOf(wanted.key) ? [] : [`its key is ${keyOf(table.key)}`]),
      ...indexes.flatMap(([name, index]) => {
        const seen = table.indexes[name];
        if (seen === undefined) return [`it has no index ${name}`];
        const status = table.indexStatuses[name] ?? "ACTIVE";
        return [
          ...(indexOf(seen) === indexOf(index) ? [] : [`its index ${name} is over ${indexOf(seen)}`]),
          ...(status === "ACTIVE" ? [] : [`its index ${name} is ${status}`]),
        ];
      }),
    ],
    deployStack,
    `It is active, with ${indexes.map(([name]) => name).join(", ") || "no index"}.`,
  );
}

const keyOf = ({ partition, sort }: Key): string => `${partition} and ${sort}`;
const indexOf = (index: TableShape["indexes"][string]): string =>
  `${keyOf(index)}, holding ${index.holds === "all" ? "all" : [...index.holds].sort().join(", ")}`;

/** @param attribute by which items expire; `undefined` when none do */
export const judgeExpiry = (
  attribute: string | undefined,
  wanted: string,
  { deployStack }: Remedies,
): Verdict =>
  attribute === wanted
    ? pass(`Items go after the time in ${wanted}.`)
    : fail(
        `Items ${attribute === undefined ? "never go" : `go after the time in ${attribute}`}, not after that in ${wanted}: the table grows for ever.`,
        deployStack,
      );

/** @param isOn `undefined` where nobody can say */
export function judgeRecovery(isOn: boolean | undefined, { deployStack }: Remedies): Verdict {
  if (isOn === undefined) return skipped("Not tried here: DynamoDB Local has no point-in-time recovery.");
  return isOn
    ? pass("Every second of the last 35 days can be restored.")
    : fail("It is off: what is deleted by mistake is gone.", deployStack);
}

export function judgeProtection(
  table: SeenTable | undefined,
  isPermanent: boolean,
  { deployStack }: Remedies,
): Verdict {
  if (!isPermanent) return skipped("Not needed: this stage is not permanent.");
  if (table === undefined) return fail("The table does not exist.", deployStack);
  return table.isProtected
    ? pass("It cannot be deleted by mistake.")
    : fail("Anybody who may delete tables can delete it.", deployStack);
}
