import { type FunctionName, type SecretName, secretsOf } from "@tollhouse/functions/manifest";

/** As SST links secrets where a function has no package of its own: each in a variable that its library reads. */
export function linkedSecrets(
  name: FunctionName,
  values: Readonly<Record<SecretName, string>>,
): Record<string, string> {
  const secrets = secretsOf(name);
  return Object.fromEntries([
    ...(secrets.length === 0
      ? []
      : [["SST_RESOURCE_App", JSON.stringify({ name: "local", stage: "local" })]]),
    ...secrets.map((secret) => [
      `SST_RESOURCE_${secret}`,
      JSON.stringify({ type: "sst.sst.Secret", value: values[secret] }),
    ]),
  ]) as Record<string, string>;
}
