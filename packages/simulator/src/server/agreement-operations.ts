import * as z from "zod";
import { describeAgreement } from "../rules/agreement-api/describe-agreement.ts";
import { getAgreementEntitlements } from "../rules/agreement-api/get-agreement-entitlements.ts";
import { getAgreementTerms } from "../rules/agreement-api/get-agreement-terms.ts";
import { searchAgreements } from "../rules/agreement-api/search-agreements.ts";
import { type Operation, parsed } from "./operation.ts";

const agreementId = z.string().regex(/^[A-Za-z0-9_/-]{1,64}$/);
const paging = { maxResults: z.int().optional(), nextToken: z.string().min(1).optional() };
const ofAgreement = z.object({ agreementId });
const pageOfAgreement = z.object({ agreementId, ...paging });
const search = z.object({
  catalog: z.string().optional(),
  filters: z.array(z.object({ name: z.string(), values: z.array(z.string()) })).optional(),
  sort: z.object({ sortBy: z.string().optional(), sortOrder: z.string().optional() }).optional(),
  ...paging,
});

const named = (name: string, decide: Operation["decide"]): Record<string, Operation> => ({
  [`AWSMPCommerceService_v20200301.${name}`]: {
    name,
    action: `aws-marketplace:${name}`,
    internalError: "InternalServerException",
    decide,
  },
});

/** The Agreement API, by the `X-Amz-Target` of the AWS JSON 1.0 protocol. */
export const agreementOperations: Readonly<Record<string, Operation>> = {
  ...named("SearchAgreements", ({ catalogue, state }, { body, nowMs }) =>
    searchAgreements(catalogue, state, parsed(search, body), nowMs),
  ),
  ...named("DescribeAgreement", ({ catalogue, state }, { body, nowMs }) =>
    describeAgreement(catalogue, state, parsed(ofAgreement, body), nowMs),
  ),
  ...named("GetAgreementTerms", ({ catalogue, state }, { body }) =>
    getAgreementTerms(catalogue, state, parsed(pageOfAgreement, body)),
  ),
  ...named("GetAgreementEntitlements", ({ catalogue, state }, { body, nowMs }) =>
    getAgreementEntitlements(catalogue, state, parsed(pageOfAgreement, body), nowMs),
  ),
};
