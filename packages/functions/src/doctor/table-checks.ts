import { tableReader } from "@tollhouse/aws/doctor/table-reader";
import type { Check } from "@tollhouse/core/doctor/examine";
import { judgeExpiry, judgeProtection, judgeRecovery, judgeShape } from "@tollhouse/core/doctor/table";
import { isPermanent, type TableName, tables } from "../manifest.ts";
import type { Installation } from "./installation.ts";
import { once } from "./once.ts";

/** Whether state lies where the stores look for it, and would survive a mistake. */
export function tableChecks(installation: Installation): readonly Check[] {
  const reader = tableReader(installation.own);
  return (Object.keys(tables) as TableName[]).flatMap((name) => checksOfTable(name, installation, reader));
}

function checksOfTable(
  name: TableName,
  { tables: tableNames, remedies, stage }: Installation,
  reader: ReturnType<typeof tableReader>,
): readonly Check[] {
  const group = "tables";
  const { expiryAttribute, ...shape } = tables[name];
  const table = once(() => reader.table(tableNames[name]));
  return [
    {
      id: `tables.${name}.shape`,
      group,
      tried: `${name} is active, with its key and indexes`,
      look: async () => judgeShape(await table(), shape, remedies),
    },
    {
      id: `tables.${name}.expiry`,
      group,
      tried: `${name} lets go of items whose time is over`,
      look: async () =>
        judgeExpiry(await reader.expiryAttribute(tableNames[name]), expiryAttribute, remedies),
    },
    {
      id: `tables.${name}.recovery`,
      group,
      tried: `${name} can be restored to any second`,
      look: async () => judgeRecovery(await reader.isRecoverable(tableNames[name]), remedies),
    },
    {
      id: `tables.${name}.protection`,
      group,
      tried: `${name} cannot be deleted by mistake`,
      look: async () => judgeProtection(await table(), isPermanent(stage), remedies),
    },
  ];
}
