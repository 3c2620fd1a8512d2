/** A statement of an IAM policy, of which the kit only writes such as allow. */
export interface Statement {
  readonly Effect: "Allow";
  readonly Principal?: { readonly AWS: string } | { readonly Service: string };
  readonly Action: string | readonly string[];
  readonly Resource?: unknown;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

export const policy = (...statements: readonly Statement[]) => ({
  Version: "2012-10-17",
  Statement: statements,
});
