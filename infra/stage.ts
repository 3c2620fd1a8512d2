import { isStageName, maxStageLength } from "@tollhouse/aws/seller/stage";
import { isPermanent } from "@tollhouse/functions/manifest";

export { isPermanent };

export function checkStage(stage: string): void {
  if (isStageName(stage)) return;
  throw new Error(
    `The stage "${stage}" is no part of a role's name: use up to ${maxStageLength} letters, digits and dashes, e.g. --stage jane.`,
  );
}

/** What a stage has by being permanent or not, apart from what keeps its data (`storage.ts`, `sst.config.ts`). */
export function settingsOf(stage: string) {
  const permanent = isPermanent(stage);
  return {
    /** A quarter's worth to look into; of an experiment, a week's. */
    logRetention: permanent ? ("3 months" as const) : ("1 week" as const),
    /**
     * As long as a service of the seller's may take to notice that it lost events, and have them replayed. No longer: they name buyers,
     * and erasing a customer does not reach an archive (docs/privacy.md).
     */
    archiveDays: permanent ? 30 : 7,
    /** Nobody is to be woken by an experiment, and each alarm costs. The dashboard is the same everywhere, so that it can be rehearsed. */
    hasAlarms: permanent,
  };
}
