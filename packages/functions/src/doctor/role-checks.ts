import { roleReader } from "@tollhouse/aws/doctor/role-reader";
import { functionsOf, type Grant, grantsOf } from "@tollhouse/aws/seller/duty";
import { kitDigest } from "@tollhouse/aws/seller/kit";
import { tagNames } from "@tollhouse/aws/seller/kit-mark";
import type { Duty } from "@tollhouse/core/configuration/configuration";
import type { Check } from "@tollhouse/core/doctor/examine";
import { skipped } from "@tollhouse/core/doctor/finding";
import { judgeActions, judgeKit } from "@tollhouse/core/doctor/grant";
import { judgeExternalId, judgeSession } from "@tollhouse/core/doctor/session";
import { judgeTrust } from "@tollhouse/core/doctor/trust";
import type { Installation } from "./installation.ts";
import { once } from "./once.ts";
import { type SellerAccess, type SellerRoles, sellerRolesOf } from "./seller-reading.ts";

const duties = Object.keys(functionsOf) as Duty[];

/** Whether the seller's roles let in whom they should, to what they should. */
export function roleChecks(installation: Installation, access: SellerAccess): readonly Check[] {
  const roles = sellerRolesOf(installation.configuration);
  if (roles === undefined)
    return [
      {
        id: "roles",
        group: "roles",
        tried: "The seller's roles",
        look: () => Promise.resolve(skipped("Not needed: production is the seller's own account.")),
      },
    ];
  const reader = once(async () => roleReader(await access.reading()));
  return [
    ...sessionChecks(installation, access, roles),
    ...duties.flatMap((duty) => checksOfDuty(duty, installation, roles, reader)),
  ];
}

/** Nobody's: no external id is shorter than 16 characters, and this one is drawn by nobody. */
const wrongExternalId = "doctor-tries-another-external-id";

const sessionChecks = (
  { remedies }: Installation,
  { attempt }: SellerAccess,
  { arnOf, externalId }: SellerRoles,
): readonly Check[] => [
  {
    id: "roles.audit.session",
    group: "roles",
    tried: `${shortOf(arnOf("audit"))} can be assumed with the external id`,
    look: async () => judgeSession(await attempt(externalId), remedies),
  },
  {
    id: "roles.audit.external-id",
    group: "roles",
    tried: `${shortOf(arnOf("audit"))} is refused without the external id and with a wrong one`,
    async look() {
      const [without, withAnother] = await Promise.all([attempt(undefined), attempt(wrongExternalId)]);
      return judgeExternalId({ without, withAnother }, remedies);
    },
  },
];

function checksOfDuty(
  duty: Duty,
  { configuration, stage, remedies, roleArn }: Installation,
  { arnOf, externalId }: SellerRoles,
  reader: () => Promise<ReturnType<typeof roleReader>>,
): readonly Check[] {
  const arn = arnOf(duty);
  const group = "roles";
  const functions: readonly string[] = functionsOf[duty];
  const role = once(async () => (await reader()).role(arn));
  const granted = (one: Duty) => grantsOf(one, configuration.seller, { name: configuration.name, stage });
  return [
    {
      id: `roles.${duty}.trust`,
      group,
      tried: `${shortOf(arn)} trusts ${functions.join(" and ")} alone, and asks for the external id`,
      look: async () =>
        judgeTrust(
          await role(),
          {
            roleArn: arn,
            externalId,
            accountId: configuration.production.accountId,
            functionRoleArns: functions.map(roleArn),
          },
          remedies,
        ),
    },
    {
      id: `roles.${duty}.actions`,
      group,
      tried: `${shortOf(arn)} may do its duty, and nothing of another's`,
      look: async () =>
        judgeActions(
          await (await reader()).decisions(arn, merged(duties.flatMap(granted))),
          { roleArn: arn, actions: granted(duty).flatMap(({ actions }) => actions) },
          remedies,
        ),
    },
    {
      id: `roles.${duty}.kit`,
      group,
      tried: `${shortOf(arn)} comes from this configuration's kit`,
      look: async () =>
        judgeKit(
          await role(),
          { tag: tagNames.kitDigest, digest: kitDigest(configuration, stage) },
          remedies,
        ),
    },
  ];
}

/** Each action once, and one question for all that have the same resources and conditions. */
function merged(grants: readonly Grant[]): readonly Grant[] {
  const alikes = Map.groupBy(grants, ({ resources, conditions }) => JSON.stringify([resources, conditions]));
  return [...alikes.values()].map((alike) => ({
    resources: [],
    ...alike[0],
    actions: [...new Set(alike.flatMap(({ actions }) => actions))],
  }));
}

const shortOf = (arn: string): string => arn.split("/").at(-1) ?? arn;
