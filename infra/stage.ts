const permanent = "production";

/** A permanent stage keeps its tables when it is removed, and refuses to be removed by accident. */
export const isPermanent = (stage: string): boolean => stage === permanent;

/** Role names are at most 64 characters: `<name, 20>-<stage, 20>-<part, 22>`. */
const maxLength = 20;

export function checkStage(stage: string): void {
  if (new RegExp(`^[a-zA-Z][a-zA-Z0-9-]{0,${maxLength - 1}}$`).test(stage)) return;
  throw new Error(
    `The stage "${stage}" is no part of a role's name: use up to ${maxLength} letters, digits and dashes, e.g. --stage jane.`,
  );
}
