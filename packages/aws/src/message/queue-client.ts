import { SQSClient } from "@aws-sdk/client-sqs";
import { clientSettings } from "../client-settings.ts";

export const makeQueueClient = (): SQSClient => new SQSClient(clientSettings);
