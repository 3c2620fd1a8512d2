import { fail, failIfAny, pass, type Verdict, warn } from "./finding.ts";
import type { Remedies } from "./remedy.ts";
import type { SeenRole } from "./trust.ts";

/** What IAM's own simulation says of one action on one resource. */
export interface Decision {
  readonly action: string;
  readonly isAllowed: boolean;
}

/** Whether a role may do everything of its duty, and nothing of another's. */
export function judgeActions(
  decisions: readonly Decision[] | undefined,
  wanted: { readonly roleArn: string; readonly actions: readonly string[] },
  { deployKit }: Remedies,
): Verdict {
  if (decisions === undefined) return fail(`${wanted.roleArn} does not exist.`, deployKit);
  const isOwn = (action: string) => wanted.actions.includes(action);
  // What holds for one resource is enough, and is said once however many there are.
  const actionsThat = (holds: (decision: Decision) => boolean) =>
    new Set(decisions.filter(holds).map(({ action }) => action));
  const asked = actionsThat(() => true);
  return failIfAny(
    [
      ...[...actionsThat(({ action, isAllowed }) => isOwn(action) && !isAllowed)].map(
        (action) => `it may not ${action}`,
      ),
      ...wanted.actions
        .filter((action) => !asked.has(action))
        .map((action) => `IAM said nothing of ${action}`),
      ...[...actionsThat(({ action, isAllowed }) => !isOwn(action) && isAllowed)].map(
        (action) => `it may also ${action}, which is another duty's`,
      ),
    ],
    deployKit,
    `It may ${wanted.actions.join(", ")}.`,
  );
}

/** Whether the role comes from the kit of this configuration; an older kit may do, so it is no failure by itself. */
export function judgeKit(
  role: SeenRole | undefined,
  { tag, digest }: { readonly tag: string; readonly digest: string },
  { deployKit }: Remedies,
): Verdict {
  if (role === undefined) return fail("The role does not exist.", deployKit);
  const seen = role.tags[tag];
  if (seen === digest) return pass(`Its tag ${tag} is ${digest}.`);
  return warn(
    seen === undefined
      ? `It has no tag ${tag}: it was made by hand, or the tag was taken away.`
      : `Its tag ${tag} is ${seen}, this configuration's kit has ${digest}.`,
    deployKit,
  );
}
