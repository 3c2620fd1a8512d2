import { AwsV4Signer } from "aws4fetch";

/** A request as it is about to be sent. */
export interface Unsigned {
  readonly method: "GET" | "POST";
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
}

/** Gives the headers to send instead, with the signature. Called for each try, so that none is sent with an old one. */
export type Sign = (request: Unsigned) => Promise<Headers>;

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
}

/** No credentials are to be found. */
export class CredentialsError extends Error {
  readonly code = "credentials-missing";
  constructor() {
    super(
      "There are no AWS credentials in the environment (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, as Lambda sets them). Elsewhere, give signForAws a provider, e.g. fromNodeProviderChain() of @aws-sdk/credential-providers.",
    );
    this.name = "CredentialsError";
  }
}

/**
 * Signs for the deployed doors, which let in only roles that may call them: `execute-api:Invoke` on the API's routes.
 * @param credentials asked anew for each request, as a provider of the AWS SDK, which renews them by itself; left out, those of the
 * environment, as in Lambda
 */
export const signForAws =
  (credentials: () => Promise<Credentials> = credentialsOfEnvironment, region = "us-east-1"): Sign =>
  async ({ method, url, headers, body }) => {
    const { accessKeyId, secretAccessKey, sessionToken } = await credentials();
    const signer = new AwsV4Signer({
      ...{ method, url, headers: { ...headers }, accessKeyId, secretAccessKey, region },
      service: "execute-api",
      ...(body !== undefined && { body }),
      ...(sessionToken !== undefined && { sessionToken }),
    });
    return (await signer.sign()).headers;
  };

function credentialsOfEnvironment(): Promise<Credentials> {
  const {
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_SESSION_TOKEN: sessionToken,
  } = process.env;
  return accessKeyId === undefined || secretAccessKey === undefined
    ? Promise.reject(new CredentialsError())
    : Promise.resolve({ accessKeyId, secretAccessKey, sessionToken });
}
