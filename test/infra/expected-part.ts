/** A policy's statement. */
export const allow = (actions: string, ...resources: string[]) => ({
  Effect: "Allow",
  Action: actions.split(" "),
  Resource: resources,
});

/** A table by its indexes and attributes; the rest is alike for all, and a permanent stage keeps them. */
export const tableOf = (permanent: boolean) => (indexes: Record<string, string>, attributes: string) => ({
  key: "pk sk",
  attributes,
  indexes,
  billingMode: "PAY_PER_REQUEST",
  ttl: { attributeName: "expiresAt", enabled: true },
  pointInTimeRecovery: { enabled: true },
  deletionProtection: permanent,
  retained: permanent,
});
