import { agreementEnds, type Fact } from "@tollhouse/core/lifecycle/fact";
import * as z from "zod";
import { optionalEnd, optionalFlag, optionalInstant, optionalText, text } from "./field.ts";

export type Reader = (base: Pick<Fact, "id" | "at">, detail: unknown) => z.ZodSafeParseResult<Fact>;

const offer = z.object({ id: optionalText }).nullish();
const acceptor = z.object({ accountId: optionalText }).nullish();

const term = { startTime: optionalInstant, endTime: optionalEnd, autoRenewalEnabled: optionalFlag };
const createdDetail = z.object({
  agreement: z.object({ id: text, intent: optionalText, previousAgreementId: optionalText, ...term }),
  acceptor,
  offer,
});
const amendedDetail = z.object({ agreement: z.object({ id: text, ...term }), acceptor, offer });
const endedDetail = z.object({
  agreement: z.object({ id: text, status: text.pipe(z.enum(agreementEnds)) }),
  acceptor,
  offer,
});
const licenseDetail = z.object({
  agreement: z.object({ id: text }),
  product: z.object({ code: text }),
  license: z.object({ arn: text }),
  acceptor: z.object({ accountId: text }),
  offer,
});

interface Agreed {
  readonly agreement: { readonly id: string };
  readonly acceptor?: z.output<typeof acceptor>;
  readonly offer?: z.output<typeof offer>;
}
const agreed = (value: Agreed) => ({
  agreementId: value.agreement.id,
  buyerAccountId: value.acceptor?.accountId,
  offerId: value.offer?.id,
});
const termOf = ({ agreement }: z.output<typeof amendedDetail>) => ({
  startsAt: agreement.startTime,
  endsAt: agreement.endTime,
  autoRenews: agreement.autoRenewalEnabled,
});

export const agreementCreated: Reader = (base, detail) =>
  createdDetail
    .transform((value): Fact => ({
      ...base,
      kind: "agreement-created",
      ...agreed(value),
      ...termOf(value),
      intent: value.agreement.intent ?? "NEW",
      previousAgreementId: value.agreement.previousAgreementId,
    }))
    .safeParse(detail);

export const agreementAmended: Reader = (base, detail) =>
  amendedDetail
    .transform((value): Fact => ({ ...base, kind: "agreement-amended", ...agreed(value), ...termOf(value) }))
    .safeParse(detail);

export const agreementEnded: Reader = (base, detail) =>
  endedDetail
    .transform((value): Fact => ({
      ...base,
      kind: "agreement-ended",
      ...agreed(value),
      status: value.agreement.status,
    }))
    .safeParse(detail);

export const license =
  (kind: "license-updated" | "license-deprovisioned"): Reader =>
  (base, detail) =>
    licenseDetail
      .transform((value): Fact => ({
        ...base,
        kind,
        licenseArn: value.license.arn,
        agreementId: value.agreement.id,
        productCode: value.product.code,
        buyerAccountId: value.acceptor.accountId,
        offerId: value.offer?.id,
      }))
      .safeParse(detail);
