import { fail, failIfAny, type Verdict } from "./finding.ts";
import { covers } from "./pattern.ts";
import { type Admission, admissionsOf, type Condition } from "./policy.ts";
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
  const admissions = admissionsOf(role.trustPolicy)?.filter((admission) =>
    assumingActions.some((action) => allows(admission, action)),
  );
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
      ...trusted
        .flatMap(({ furtherDemands }) => furtherDemands)
        .map((demand) => `it also asks for ${demand}`),
    ],
    deployKit,
    `It trusts ${wanted.functionRoleArns.join(" and ")}.`,
  );
}

const assumeRole = "sts:AssumeRole";

/** All that give a session of a role (service authorization reference, "Actions defined by AWS Security Token Service"). */
const assumingActions = [assumeRole, "sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity"];

/** Actions have wildcards anywhere, and their letters' case does not count (IAM guide, "IAM JSON policy elements: Action"). */
const allows = ({ actions }: Admission, action: string): boolean =>
  actions.some((pattern) => covers(pattern.toLowerCase(), action.toLowerCase()));

interface Trusted {
  /** Who may call AssumeRole, as our functions do. */
  readonly roleArns: readonly string[];
  readonly strangers: readonly string[];
  /** What our functions cannot be relied on to bring along, such as `aws:PrincipalOrgID (StringEquals)`. */
  readonly furtherDemands: readonly string[];
}

/**
 * Our account's root stands for those of its roles that a condition names: so the kit can be set up before our functions are,
 * since IAM refuses a principal that does not exist.
 */
function trustedBy(admission: Admission, accountId: string): Trusted {
  const { principals, conditions } = admission;
  const named = conditions.filter(namesPrincipals).flatMap(({ values }) => values);
  const roleArns: string[] = [];
  const strangers: string[] = [];
  for (const principal of principals) {
    const arn = principal.replace(/^AWS /, "");
    if (arn === `arn:aws:iam::${accountId}:root` || arn === accountId) {
      if (named.length === 0) strangers.push(`every role of account ${accountId}`);
      roleArns.push(...named);
    } else if (principal === "*") strangers.push("anybody");
    else if (arn.startsWith(`arn:aws:iam::${accountId}:role/`)) {
      if (named.length === 0 || named.some((pattern) => covers(pattern, arn))) roleArns.push(arn);
    } else strangers.push(arn);
  }
  if (roleArns.length === 0 || !allows(admission, assumeRole))
    return { roleArns: [], strangers, furtherDemands: [] };
  return { roleArns, strangers, furtherDemands: conditions.filter(isFurther).map(demandOf) };
}

const isKey = ({ key }: Condition, name: string): boolean => key.toLowerCase() === name;

const namesPrincipals = (condition: Condition): boolean =>
  /^(Arn|String)(Equals|Like)$/.test(condition.operator) && isKey(condition, "aws:principalarn");

/** Another operator on the external id is a missing external id, which is told as that. */
const isFurther = (condition: Condition): boolean =>
  !namesPrincipals(condition) && !isKey(condition, "sts:externalid");

const demandOf = ({ operator, key }: Condition): string => `${key} (${operator})`;

const demandsExternalId = ({ conditions }: Admission, externalId: string): boolean =>
  conditions.some(
    (condition) =>
      condition.operator === "StringEquals" &&
      isKey(condition, "sts:externalid") &&
      condition.values.length === 1 &&
      condition.values[0] === externalId,
  );
