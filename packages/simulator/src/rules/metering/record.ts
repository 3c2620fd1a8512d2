/** The request and answer of BatchMeterUsage as they travel (API reference: BatchMeterUsage, UsageRecord). */
export interface UsageAllocation {
  readonly AllocatedUsageQuantity: number;
  readonly Tags?: readonly { readonly Key: string; readonly Value: string }[] | undefined;
}

export interface UsageRecord {
  /** Epoch seconds. */
  readonly Timestamp: number;
  readonly Dimension: string;
  /** 0 when left out. */
  readonly Quantity?: number | undefined;
  readonly CustomerIdentifier?: string | undefined;
  readonly CustomerAWSAccountId?: string | undefined;
  readonly LicenseArn?: string | undefined;
  readonly UsageAllocations?: readonly UsageAllocation[] | undefined;
}

export interface BatchMeterUsageRequest {
  readonly ProductCode?: string | undefined;
  readonly UsageRecords: readonly UsageRecord[];
}

type UsageStatus = "Success" | "DuplicateRecord" | "CustomerNotSubscribed";

export interface UsageRecordResult {
  readonly UsageRecord: UsageRecord;
  readonly MeteringRecordId?: string;
  readonly Status: UsageStatus;
}

export interface BatchMeterUsageAnswer {
  readonly Results: readonly UsageRecordResult[];
  readonly UnprocessedRecords: readonly UsageRecord[];
}

/** A part of a record's quantity, and the tags it was for. */
export interface Allocated {
  /** Pairs of key and value, sorted by key; none for what was not tagged. */
  readonly tags: readonly (readonly [key: string, value: string])[];
  readonly quantity: number;
}

/** Usage that was accepted and will be billed. */
export interface MeteringRecord {
  /** What AWS recognises a repeat by. */
  readonly key: string;
  readonly meteringRecordId: string;
  /** The Region of the call that brought it. */
  readonly region: string;
  /** Whether the call named a product code or a license. */
  readonly by: "product-code" | "license";
  readonly productCode: string;
  readonly buyerAccountId: string;
  readonly licenseArn: string;
  readonly dimension: string;
  readonly hourAtMs: number;
  readonly timestampMs: number;
  readonly quantity: number;
  /** In one order whatever the request's was; empty when the record was not split. */
  readonly allocations: readonly Allocated[];
  readonly acceptedAtMs: number;
}
