import { fail, failIfAny, type Verdict } from "./finding.ts";
import { type Admission, admissionsOf } from "./policy.ts";
import type { Remedies } from "./remedy.ts";

/** A role of the seller account, as IAM shows it. */
export interface SeenRole {
  /** JSON. */
  readonly trustPolicy: string;
  readonly tags: Readonly<Record<string, string>>;
}

export interface WantedTrust {
  readonly roleArn: string;
  /** The production account. */
  readonly accountId: string;
  readonly functionRoleArns: readonly string[];
  readonly externalId: string;
}

/** Whether exactly our functions may take on the role, and only with the external id. */
export function judgeTrust(
  role: SeenRole | undefined,
  wanted: WantedTrust,
  { deployKit }: Remedies,
): Verdict {
  if (role === undefined) return fail(`${wanted.roleArn} does not exist.`, deployKit);
  const admissions = admissionsOf(role.trustPolicy)?.filter(({ actions }) => actions.some(assumesRoles));
  if (admissions === undefined)
    return fail(`${wanted.roleArn} has a trust policy that cannot be read.`, deployKit);
  const trusted = admissions.map((admission) => trustedBy(admission, wanted.accountId));
  const arns = new Set(trusted.flatMap(({ roleArns }) => roleArns));
  const missing = wanted.functionRoleArns.filter((arn) => !arns.has(arn));
  const strangers = [
    ...trusted.flatMap((each) => each.strangers),
    ...[...arns].filter((arn) => !wanted.functionRoleArns.includes(arn)),
  ];
  const isGuarded = admissions.every((admission) => demandsExternalId(admission, wanted.externalId));
  return failIfAny(
    [
      ...missing.map((arn) => `it does not trust ${arn}`),
      ...strangers.map((who) => `it also trusts ${who}`),
      ...(isGuarded ? [] : ["it does not demand the configured external id"]),
    ],
    deployKit,
    `It trusts ${wanted.functionRoleArns.join(" and ")}.`,
  );
}

const assumesRoles = (action: string): boolean => /^(\*|sts:\*|sts:AssumeRole\*?)$/i.test(action);

interface Trusted {
  readonly roleArns: readonly string[];
  readonly strangers: readonly string[];
}

/**
 * Our account's root stands for those of its roles that a condition names: so the kit can be set up before our functions are,
 * since IAM refuses a principal that does not exist.
 */
function trustedBy({ principals, conditions }: Admission, accountId: string): Trusted {
  const named = conditions
    .filter(
      ({ operator, key }) =>
        /^(Arn|String)(Equals|Like)$/.test(operator) && key.toLowerCase() === "aws:principalarn",
    )
    .flatMap(({ values }) => values);
  const roleArns: string[] = [];
  const strangers: string[] = [];
  for (const principal of principals) {
    const arn = principal.replace(/^AWS /, "");
    if (arn === `arn:aws:iam::${accountId}:root` || arn === accountId) {
      if (named.length === 0) strangers.push(`every role of account ${accountId}`);
      roleArns.push(...named);
    } else if (principal === "*") strangers.push("anybody");
    else if (arn.startsWith(`arn:aws:iam::${accountId}:role/`)) roleArns.push(arn);
    else strangers.push(arn);
  }
  return { roleArns, strangers };
}

const demandsExternalId = ({ conditions }: Admission, externalId: string): boolean =>
  conditions.some(
    ({ operator, key, values }) =>
      operator === "StringEquals" &&
      key.toLowerCase() === "sts:externalid" &&
      values.length === 1 &&
      values[0] === externalId,
  );
