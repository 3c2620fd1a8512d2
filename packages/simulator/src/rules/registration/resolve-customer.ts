import type { Agreement } from "../agreement/agreement.ts";
import { type Catalogue, findProduct, speaksSns } from "../catalogue.ts";
import { type Decision, decided, refused } from "../decision.ts";
import { customerIdentifierOf } from "../identity.ts";
import { refusal } from "../refusal.ts";
import type { Change, State } from "../state.ts";
import { tokenLifeMs } from "./token.ts";

export interface ResolvedCustomer {
  readonly CustomerAWSAccountId: string;
  /** Left out of the first answers about an agreement where `licenseArnMissing` says so. */
  readonly LicenseArn?: string;
  readonly ProductCode: string;
  /** Old listings only. */
  readonly CustomerIdentifier?: string;
}

/**
 * Who holds this registration token (API reference: ResolveCustomer). Succeeds whether or not the subscription is
 * active, as AWS does. Refuses an unknown and an expired token.
 */
export function resolveCustomer(
  catalogue: Catalogue,
  state: State,
  request: { readonly RegistrationToken: string },
  nowMs: number,
): Decision<ResolvedCustomer> {
  const issued = state.tokens[request.RegistrationToken];
  const agreement = issued && state.agreements[issued.agreementId];
  const product = agreement && findProduct(catalogue, agreement.productCode);
  if (issued === undefined || agreement === undefined || product === undefined)
    return refused(refusal("InvalidTokenException", "Registration token is invalid."));
  if (nowMs >= issued.issuedAtMs + tokenLifeMs)
    return refused(refusal("ExpiredTokenException", "The submitted registration token has expired."));
  const isMissing = agreement.licenseArnMissing > 0;
  return decided(
    {
      CustomerAWSAccountId: agreement.buyerAccountId,
      ...(isMissing ? {} : { LicenseArn: agreement.licenseArn }),
      ProductCode: product.code,
      ...(speaksSns(product)
        ? { CustomerIdentifier: customerIdentifierOf(catalogue.sellerAccountId, agreement.buyerAccountId) }
        : {}),
    },
    isMissing ? [answeredWithoutLicense(agreement)] : [],
  );
}

const answeredWithoutLicense = (agreement: Agreement): Change => ({
  kind: "agreement-stored",
  agreement: { ...agreement, licenseArnMissing: agreement.licenseArnMissing - 1 },
});
