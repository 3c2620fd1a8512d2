import type { Settings } from "../configuration/configuration.ts";

/** Days that an hour's usage is kept after the last of it may have come, so that nothing expires that may still be folded. */
const slackDays = 10;

/**
 * Days after its hour that usage is kept, segments and all that folds noted of them. All of an hour expires together, by the
 * hour's age, so that no part of it is ever taken for the whole.
 */
export const keepUsageDays = ({ acceptUsageDays }: Pick<Settings, "acceptUsageDays">): number =>
  acceptUsageDays + slackDays;
