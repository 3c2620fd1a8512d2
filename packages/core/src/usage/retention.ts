/**
 * Days after its hour that usage is kept, segments and all that folds noted of them: the most days that usage may be accepted
 * for, and ten more, so that nothing expires that may still be folded. The same whatever the setting says: raised, it would else let
 * usage come for hours of which a part is gone already. All of an hour expires together, by the hour's age.
 */
export const keepUsageDays = 100;
