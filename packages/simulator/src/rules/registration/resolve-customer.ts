import { type Catalogue, findProduct } from "../catalogue.ts";
import { type Decision, decided, refused } from "../decision.ts";
import { customerIdentifierOf } from "../identity.ts";
import { refusal } from "../refusal.ts";
import type { State } from "../state.ts";
import { tokenLifeMs } from "./token.ts";

export interface ResolvedCustomer {
  readonly CustomerAWSAccountId: string;
  readonly LicenseArn: string;
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
  const { sellerAccountId } = catalogue;
  return decided({
    CustomerAWSAccountId: agreement.buyerAccountId,
    LicenseArn: agreement.licenseArn,
    ProductCode: product.code,
    ...(product.generation === "sns"
      ? { CustomerIdentifier: customerIdentifierOf(sellerAccountId, agreement.buyerAccountId) }
      : {}),
  });
}
