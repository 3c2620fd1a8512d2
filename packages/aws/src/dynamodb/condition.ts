/** For an item that takes the place of the version before it, and of no other. Version 1 is the first. */
export const overVersionBefore = (version: number) =>
  version === 1
    ? { ConditionExpression: "attribute_not_exists(pk)" }
    : { ConditionExpression: "version = :before", ExpressionAttributeValues: { ":before": version - 1 } };
