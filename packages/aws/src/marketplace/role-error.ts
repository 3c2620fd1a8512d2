interface Attempt {
  /** The seller's role; `undefined` where production is the seller's account. */
  readonly arn: string | undefined;
  /** Our function's role, as far as it is known. */
  readonly ownArn: string | undefined;
  readonly cause: unknown;
}

/** There is no session for the seller's account. Nothing was sent to AWS Marketplace. */
export class SellerRoleError extends Error {
  readonly code = "seller-role-refused";
  readonly retryable = true;
  /** Somebody has to mend what the message says; otherwise STS only was out of order or out of reach. */
  readonly needsMending: boolean;
  constructor(attempt: Attempt) {
    super(sentenceFor(attempt), { cause: attempt.cause });
    this.name = "SellerRoleError";
    this.needsMending = toBeMended.has(nameOf(attempt.cause));
  }
}

/** By the error's code. STS has one for all that can be wrong with a role, so that strangers learn nothing: we name it all. */
function sentenceFor({ arn, ownArn, cause }: Attempt): string {
  const name = nameOf(cause);
  const role = arn ?? "the seller's account";
  const own = ownArn ?? "this function's role";
  if (name === "AccessDenied" || name === "AccessDeniedException")
    return (
      `STS did not let ${own} assume ${role} (${name}). In the seller account compare: does that role exist, does its trust policy name ` +
      `${own}, and does it ask for the sts:ExternalId that seller.assumeRole.externalId in tollhouse.config.ts gives? ` +
      `In the production account: may ${own} call sts:AssumeRole on it? Deploying the stack again sees to that`
    );
  if (unusable.has(name))
    return (
      `the own credentials of ${own} are expired or not valid (${name}), so ${role} was never asked: sign in again; ` +
      `on Lambda, see that the role still exists and that nothing sets AWS_ACCESS_KEY_ID`
    );
  if (name === "ValidationError")
    return `STS cannot give an hour's session of ${role} (${name}): compare the role's name and its maximum session duration in the seller account`;
  if (name === "RegionDisabledException")
    return `STS is switched off in us-east-1 for this account (${name}): switch it on in IAM's account settings`;
  return `STS gave no session of ${role} (${name}); it is asked again`;
}

const unusable = new Set([
  "CredentialsProviderError",
  "ExpiredToken",
  "ExpiredTokenException",
  "IncompleteSignature",
  "InvalidClientTokenId",
  "MissingAuthenticationToken",
  "SignatureDoesNotMatch",
  "UnrecognizedClientException",
]);

const toBeMended = new Set([
  ...unusable,
  "AccessDenied",
  "AccessDeniedException",
  "ValidationError",
  "RegionDisabledException",
]);

const nameOf = (cause: unknown): string => (cause instanceof Error ? cause.name : "unknown");
