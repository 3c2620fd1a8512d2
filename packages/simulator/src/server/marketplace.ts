import * as z from "zod";
import { getEntitlements } from "../rules/entitlement/get-entitlements.ts";
import { batchMeterUsage } from "../rules/metering/batch-meter-usage.ts";
import { resolveCustomer } from "../rules/registration/resolve-customer.ts";
import { agreementOperations } from "./agreement-operations.ts";
import { AwsError } from "./aws-error.ts";
import { type Operation, parsed } from "./operation.ts";
import type { Principal } from "./session.ts";

const resolveCustomerRequest = z.object({ RegistrationToken: z.string().min(1) });

const getEntitlementsRequest = z.object({
  ProductCode: z.string().min(1).max(255),
  Filter: z
    .partialRecord(
      z.enum(["CUSTOMER_AWS_ACCOUNT_ID", "CUSTOMER_IDENTIFIER", "DIMENSION", "LICENSE_ARN"]),
      z.array(z.string()),
    )
    .optional(),
  MaxResults: z.int().optional(),
  NextToken: z.string().optional(),
});

const usageAllocation = z.object({
  AllocatedUsageQuantity: z.number(),
  Tags: z.array(z.object({ Key: z.string(), Value: z.string() })).optional(),
});

const batchMeterUsageRequest = z.object({
  ProductCode: z.string().optional(),
  UsageRecords: z.array(
    z.object({
      Timestamp: z.number(),
      Dimension: z.string(),
      Quantity: z.number().optional(),
      CustomerIdentifier: z.string().optional(),
      CustomerAWSAccountId: z.string().optional(),
      LicenseArn: z.string().optional(),
      UsageAllocations: z.array(usageAllocation).optional(),
    }),
  ),
});

const batchAnswer = z.object({
  Results: z.array(z.object({ Status: z.string() })),
  UnprocessedRecords: z.array(z.unknown()),
});

/** How many records came to which status. */
function countStatuses(answer: unknown): Readonly<Record<string, number>> {
  const { Results, UnprocessedRecords } = batchAnswer.parse(answer);
  const counts: Record<string, number> = {};
  for (const { Status } of Results) counts[Status] = (counts[Status] ?? 0) + 1;
  return UnprocessedRecords.length === 0 ? counts : { ...counts, Unprocessed: UnprocessedRecords.length };
}

const withRecords = z.object({ UsageRecords: z.array(z.unknown()) });

function countRecords(body: unknown): { readonly records: number } | undefined {
  const { data } = withRecords.safeParse(body);
  return data && { records: data.UsageRecords.length };
}

const internalError = "InternalServiceErrorException";

/** By the `X-Amz-Target` of the AWS JSON protocols. */
export const operations: Readonly<Record<string, Operation>> = {
  ...agreementOperations,
  "AWSMPMeteringService.ResolveCustomer": {
    name: "ResolveCustomer",
    action: "aws-marketplace:ResolveCustomer",
    internalError,
    decide: ({ catalogue, state }, { body, nowMs }) =>
      resolveCustomer(catalogue, state, parsed(resolveCustomerRequest, body), nowMs),
  },
  "AWSMPMeteringService.BatchMeterUsage": {
    name: "BatchMeterUsage",
    action: "aws-marketplace:BatchMeterUsage",
    measure: countRecords,
    note: countStatuses,
    internalError,
    decide: ({ catalogue, state }, { body, bodyBytes, principal, nowMs }) =>
      batchMeterUsage(catalogue, state, parsed(batchMeterUsageRequest, body), {
        nowMs,
        region: principal.region,
        requestBytes: bodyBytes,
      }),
  },
  "AWSMPEntitlementService.GetEntitlements": {
    name: "GetEntitlements",
    action: "aws-marketplace:GetEntitlements",
    internalError,
    decide: ({ catalogue, state }, { body, nowMs }) =>
      getEntitlements(catalogue, state, parsed(getEntitlementsRequest, body), nowMs),
  },
};

/** @throws AwsError when the principal may not call the operation, or signed for another service. */
export function authorize({ arn, service, actions }: Principal, operation: Operation): void {
  if (service !== "aws-marketplace")
    throw new AwsError("InvalidSignatureException", "Credential should be scoped to correct service", 403);
  if (!actions.includes(operation.action))
    throw new AwsError(
      "AccessDeniedException",
      `User: ${arn} is not authorized to perform: ${operation.action} because no identity-based policy allows the action`,
    );
}
