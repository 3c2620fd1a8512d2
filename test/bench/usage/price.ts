/** List prices in US dollars, us-east-1, as published for 2026; look at the pages before relying on a dollar. A test asserts none of them. */
export const prices = {
  /** aws.amazon.com/dynamodb/pricing/on-demand: on-demand, standard table class. */
  writeUnit: 0.625 / 1e6,
  readUnit: 0.125 / 1e6,
  storageGbMonth: 0.25,
  /** aws.amazon.com/sqs/pricing: standard queue, after the free million; 64 KB are one request. */
  queueRequest: 0.4 / 1e6,
  /** aws.amazon.com/lambda/pricing: x86. The stack's arm64 costs a fifth less. */
  functionRequest: 0.2 / 1e6,
  functionGbSecond: 0.0000166667,
} as const;

/** What a table of them says, price by price. */
export const priceList: readonly (readonly [what: string, dollars: string, page: string])[] = [
  ["DynamoDB, million write units on demand", "0.625", "aws.amazon.com/dynamodb/pricing/on-demand"],
  ["DynamoDB, million read units on demand", "0.125", "aws.amazon.com/dynamodb/pricing/on-demand"],
  ["DynamoDB, GB-month stored", "0.25", "aws.amazon.com/dynamodb/pricing/on-demand"],
  ["SQS, million requests of 64 KB", "0.40", "aws.amazon.com/sqs/pricing"],
  ["Lambda, million requests", "0.20", "aws.amazon.com/lambda/pricing"],
  ["Lambda, GB-second, x86", "0.0000166667", "aws.amazon.com/lambda/pricing"],
];

export const bytesPerQueueRequest = 65_536;

/** Write units of one usage event in AWS's sample (aws-marketplace-serverless-saas-integration, counted in its code, 2025). */
export const sampleUnitsPerEvent = 4;
