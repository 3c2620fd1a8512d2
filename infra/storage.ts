import { type Index, tables as schemas, type TableName } from "@tollhouse/functions/manifest";
import { isPermanent } from "./stage";

type Key = { readonly partition: string; readonly sort: string };

const sstKey = ({ partition, sort }: Key) => ({ hashKey: partition, rangeKey: sort });

function table(name: TableName) {
  const { key, indexes, expiryAttribute } = schemas[name];
  const all: Record<string, Index> = indexes;
  const attributes = [key, ...Object.values(all)].flatMap(({ partition, sort }) => [partition, sort]);
  // SST bills on demand and keeps 35 days of point-in-time recovery unless told otherwise.
  return new sst.aws.Dynamo(name, {
    fields: Object.fromEntries(attributes.map((attribute) => [attribute, "string"])),
    primaryIndex: sstKey(key),
    globalIndexes: Object.fromEntries(
      Object.entries(all).map(([index, indexKey]) => [
        index,
        {
          ...sstKey(indexKey),
          projection: indexKey.holds === "all" ? ("all" as const) : [...indexKey.holds],
        },
      ]),
    ),
    ttl: expiryAttribute,
    deletionProtection: isPermanent($app.stage),
  });
}

export const tables = {
  Lifecycle: table("Lifecycle"),
  Metering: table("Metering"),
} satisfies Record<TableName, sst.aws.Dynamo>;
