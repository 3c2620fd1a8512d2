import { maxAcceptUsageDays } from "../configuration/settings.ts";

/** So that nothing expires that may still be folded. */
const slackDays = 10;

/**
 * Days after its hour that usage is kept, segments and all that folds noted of them. The same whatever `acceptUsageDays` says: raised,
 * it would else let usage come for hours of which a part is gone already. All of an hour expires together, by the hour's age.
 */
export const keepUsageDays: number = maxAcceptUsageDays + slackDays;
