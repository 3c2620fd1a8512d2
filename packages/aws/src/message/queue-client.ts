import { SQSClient } from "@aws-sdk/client-sqs";
import { clientSettings } from "../client-settings.ts";

export const makeQueueClient = (settings: typeof clientSettings = clientSettings): SQSClient =>
  new SQSClient(settings);

/** For SQS on this machine, which takes any credentials; these are no secret. */
export const makeLocalQueueClient = (endpoint: string): SQSClient =>
  new SQSClient({
    ...clientSettings,
    endpoint,
    region: "us-east-1",
    credentials: { accessKeyId: "LOCAL", secretAccessKey: "local" },
  });
