import { functionsOf, grantsOf } from "@tollhouse/aws/seller/duty";
import type { FunctionName } from "@tollhouse/functions/manifest";
import { configuration } from "./configuration";
import type { Permission } from "./permission";

const { seller } = configuration;

type Duty = keyof typeof functionsOf;

/** Lets a function act for the seller in its duties: through their roles, or directly where production is the seller's own account. */
export const actFor = (name: FunctionName): Permission[] =>
  (Object.keys(functionsOf) as Duty[])
    .filter((duty) => functionsOf[duty].some((each) => each === name))
    .flatMap(permissionsOf);

function permissionsOf(duty: Duty): Permission[] {
  const { accountId, assumeRole } = seller;
  return assumeRole === undefined
    ? grantsOf(duty, seller, $app).map(({ actions, resources, conditions }) => ({
        actions: [...actions],
        resources: [...resources],
        ...(conditions !== undefined && {
          conditions: conditions.map(({ operator, key, values }) => ({
            test: operator,
            variable: key,
            values: [...values],
          })),
        }),
      }))
    : [
        {
          actions: ["sts:AssumeRole"],
          resources: [`arn:aws:iam::${accountId}:role/${assumeRole.roles[duty]}`],
        },
      ];
}
