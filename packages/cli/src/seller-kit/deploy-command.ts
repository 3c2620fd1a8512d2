import type { Kit } from "@tollhouse/aws/seller/kit";
import { maxInlineBytes } from "@tollhouse/aws/seller/template";
import { templateFile } from "./kit-file.ts";

/** Whether CloudFormation takes the template only from a bucket. */
export const needsBucket = ({ text }: Kit): boolean => Buffer.byteLength(text) > maxInlineBytes;

const makesRoles = ({ template }: Kit): boolean =>
  Object.values(template.Resources).some(({ Type }) => Type === "AWS::IAM::Role");

/** What to type, in the kit's folder, with credentials of the seller account. */
export const deployCommand = (kit: Kit): readonly string[] => [
  "aws cloudformation deploy",
  "  --region us-east-1",
  `  --stack-name ${kit.stackName}`,
  `  --template-file ${templateFile}`,
  ...(makesRoles(kit) ? ["  --capabilities CAPABILITY_NAMED_IAM"] : []),
  ...(needsBucket(kit) ? ["  --s3-bucket <a bucket of the seller account in us-east-1>"] : []),
  "  --no-fail-on-empty-changeset",
];

/** On one line for each option, as shells take it. */
export const asShell = (lines: readonly string[]): string => lines.join(" \\\n");
