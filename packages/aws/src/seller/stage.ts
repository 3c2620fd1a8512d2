/** Role names are at most 64 characters: `<name, 20>-<stage, 20>-<part, 22>`. */
export const maxStageLength = 20;

/** Whether a stage's name can be part of the names of roles, queues and rules. */
export const isStageName = (stage: string): boolean =>
  new RegExp(`^[a-zA-Z][a-zA-Z0-9-]{0,${maxStageLength - 1}}$`).test(stage);
