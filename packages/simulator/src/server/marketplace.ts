import * as z from "zod";
import type { Decision } from "../rules/decision.ts";
import { getEntitlements } from "../rules/entitlement/get-entitlements.ts";
import { batchMeterUsage } from "../rules/metering/batch-meter-usage.ts";
import { resolveCustomer } from "../rules/registration/resolve-customer.ts";
import { AwsError } from "./aws-error.ts";
import type { Principal } from "./session.ts";
import type { World } from "./world.ts";

interface MarketplaceCall {
  readonly body: unknown;
  readonly bodyBytes: number;
  readonly principal: Principal;
}

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

function parsed<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  throw new AwsError("ValidationException", z.prettifyError(result.error));
}

/** One operation: which action it needs, and how it is answered. */
export interface Operation {
  readonly name: string;
  readonly action: string;
  decide(world: World, call: MarketplaceCall): Decision<unknown>;
  /** What the call log says about an answer: counts, never tokens. */
  note?(answer: unknown): Readonly<Record<string, unknown>>;
}

const batchAnswer = z.object({ Results: z.array(z.object({ Status: z.string() })) });

/** How many records came to which status. */
function countStatuses(answer: unknown): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { Status } of batchAnswer.parse(answer).Results) counts[Status] = (counts[Status] ?? 0) + 1;
  return counts;
}

/** By the `X-Amz-Target` of the AWS JSON 1.1 protocol. */
export const operations: Readonly<Record<string, Operation>> = {
  "AWSMPMeteringService.ResolveCustomer": {
    name: "ResolveCustomer",
    action: "aws-marketplace:ResolveCustomer",
    decide: (world, { body }) =>
      resolveCustomer(world.catalogue, world.state, parsed(resolveCustomerRequest, body), world.nowMs()),
  },
  "AWSMPMeteringService.BatchMeterUsage": {
    name: "BatchMeterUsage",
    action: "aws-marketplace:BatchMeterUsage",
    note: countStatuses,
    decide: (world, { body, bodyBytes, principal }) =>
      batchMeterUsage(world.catalogue, world.state, parsed(batchMeterUsageRequest, body), {
        nowMs: world.nowMs(),
        region: principal.region,
        requestBytes: bodyBytes,
      }),
  },
  "AWSMPEntitlementService.GetEntitlements": {
    name: "GetEntitlements",
    action: "aws-marketplace:GetEntitlements",
    decide: (world, { body }) =>
      getEntitlements(world.catalogue, world.state, parsed(getEntitlementsRequest, body), world.nowMs()),
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
