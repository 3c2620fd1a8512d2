import { GetQueueAttributesCommand, SQSClient } from "@aws-sdk/client-sqs";
import type { SeenQueue } from "@tollhouse/core/doctor/queue";
import * as z from "zod";
import { clientFor, type Reading, readIfThere } from "./reading.ts";

const notThere = ["QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue"];

const attributesSchema = z.object({
  QueueArn: z.string(),
  VisibilityTimeout: z.coerce.number(),
  RedrivePolicy: z
    .string()
    .transform((text): unknown => JSON.parse(text))
    .pipe(z.object({ deadLetterTargetArn: z.string(), maxReceiveCount: z.coerce.number() }))
    .optional(),
  SqsManagedSseEnabled: z.string().optional(),
  KmsMasterKeyId: z.string().optional(),
  Policy: z.string().optional(),
  ApproximateNumberOfMessages: z.coerce.number().default(0),
  ApproximateNumberOfMessagesNotVisible: z.coerce.number().default(0),
});

export interface QueueReader {
  /** `undefined` when there is no such queue. @throws UnreadableError */
  queue(url: string): Promise<SeenQueue | undefined>;
}

export function queueReader(reading: Reading): QueueReader {
  const client = new SQSClient(clientFor(reading));
  return {
    queue: (url) =>
      readIfThere(reading, "sqs:GetQueueAttributes", notThere, async () => {
        const { Attributes } = await client.send(
          new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ["All"] }),
        );
        const seen = attributesSchema.parse(Attributes);
        return {
          url,
          arn: seen.QueueArn,
          visibilitySeconds: seen.VisibilityTimeout,
          maxReceives: seen.RedrivePolicy?.maxReceiveCount,
          deadLetterArn: seen.RedrivePolicy?.deadLetterTargetArn,
          isEncrypted: seen.SqsManagedSseEnabled === "true" || (seen.KmsMasterKeyId ?? "") !== "",
          policy: seen.Policy === "" ? undefined : seen.Policy,
          messages: seen.ApproximateNumberOfMessages + seen.ApproximateNumberOfMessagesNotVisible,
        };
      }),
  };
}
