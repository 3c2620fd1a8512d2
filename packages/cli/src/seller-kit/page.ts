import type { Kit } from "@tollhouse/aws/seller/kit";
import { kitVersion } from "@tollhouse/aws/seller/kit-mark";
import type { Configuration } from "@tollhouse/core/configuration/configuration";
import { contentsOf } from "./contents.ts";
import { asShell, deployCommand, needsBucket } from "./deploy-command.ts";
import { templateFile } from "./kit-file.ts";
import { eventSection, topicSection } from "./page-notification.ts";

type Accounts = Pick<Configuration, "seller" | "production">;

/** The page that goes with the template: what it makes and why, the commands in their order, and how to be rid of it. */
export const pageOf = (kit: Kit, accounts: Accounts): string =>
  [
    introduction(kit, accounts),
    installation(kit, accounts),
    updating(kit),
    ...topicSection(kit),
    ...eventSection(kit, accounts.seller.accountId),
    removal(kit, accounts),
  ].join("\n\n") + "\n";

const shell = (...lines: readonly string[]): string => ["```bash", ...lines, "```"].join("\n");

const isForeign = ({ seller }: Accounts): boolean => seller.assumeRole !== undefined;

const hasRoles = ({ template }: Kit): boolean => "RegistrationRole" in template.Resources;

const introduction = (kit: Kit, accounts: Accounts): string => {
  const { name, stage } = kit.installation;
  const { seller, production } = accounts;
  return [
    `# The seller account of ${name}, stage ${stage}`,
    `\`${templateFile}\` is what AWS account **${seller.accountId}** needs, in us-east-1, ${
      isForeign(accounts)
        ? `so that Tollhouse in account **${production.accountId}** can act for it and hears of its buyers`
        : "beside the stack of Tollhouse in the same account"
    }. It was made from \`tollhouse.config.ts\` by \`npx tollhouse seller-kit\` (kit ${kitVersion}, digest \`${kit.digest}\`) and holds no secret.`,
    [
      "| makes | name | for |",
      "| --- | --- | --- |",
      ...contentsOf(kit).map(({ kind, name: made, purpose }) => `| ${kind} | \`${made}\` | ${purpose} |`),
    ].join("\n"),
    ...(isForeign(accounts) ? [roleRules(accounts)] : []),
  ].join("\n\n");
};

const roleRules = ({ production }: Accounts): string =>
  `Each role lets in the functions of its duty in account ${production.accountId}, by the fixed names of their roles, only with the external id of ` +
  "`seller.assumeRole.externalId`, and may do the actions of that duty and no others. The functions' names stand in a condition, since IAM refuses " +
  "a principal that does not exist yet; so neither side has to be there first, and a stack that was removed and deployed again is let in again.";

const installation = (kit: Kit, accounts: Accounts): string =>
  [
    "## Install, in this order",
    `1. In the production account, so that its queue is there to say yes to what AWS asks:`,
    shell(`npx sst deploy --stage ${kit.installation.stage}`),
    `2. In the seller account, ${accounts.seller.accountId} (\`aws sts get-caller-identity\` says where you are), in the folder of this page:`,
    shell(asShell(deployCommand(kit))),
    ...(needsBucket(kit)
      ? [
          "The template is longer than the 51,200 bytes that CloudFormation takes with a request, so it goes through a bucket, which any of yours in us-east-1 can be.",
        ]
      : []),
    `   Who does this must be allowed to make what is listed above${isForeign(accounts) ? ", roles included, and to pass the rule's role to EventBridge (`iam:PassRole`)" : ""}. ` +
      "To see first what would be done, add `--no-execute-changeset`; the answer names a command that shows it.",
    "3. From the repository, with credentials of production:",
    shell(`npx tollhouse doctor --stage ${kit.installation.stage}`),
    "   It tries every link and says what is wrong. Do all of it before a listing is public: AWS Marketplace does not send again what happened before somebody listened.",
    "4. So that nobody removes the stack by accident:",
    shell(
      asShell([
        "aws cloudformation update-termination-protection",
        "  --region us-east-1",
        `  --stack-name ${kit.stackName}`,
        "  --enable-termination-protection",
      ]),
    ),
  ].join("\n\n");

const updating = (kit: Kit): string =>
  [
    "## Update",
    "After a change of `tollhouse.config.ts` (a listing that comes or goes, say) or of Tollhouse's version, make the kit again and repeat the steps above in the same order. " +
      "Where nothing changed, `seller-kit` says so. A subscription is made or removed with its listing and touches no other.",
    "What is deployed says which kit it is of:",
    shell(
      asShell([
        "aws cloudformation describe-stacks",
        "  --region us-east-1",
        `  --stack-name ${kit.stackName}`,
        `  --query "Stacks[0].Outputs"`,
      ]),
    ),
    `\`KitDigest\` is \`${kit.digest}\` when it is this one. ${hasRoles(kit) ? "Roles, rule" : "Rule"} and queue carry it as the tag \`tollhouse:kit-digest\`, by which \`doctor\` notices an old kit. ` +
      `What was changed by hand after deploying, \`aws cloudformation detect-stack-drift --region us-east-1 --stack-name ${kit.stackName}\` finds.`,
    ...(hasRoles(kit)
      ? [
          "A new external id alone goes the other way round: this template first, and production at once after it. Sessions that functions hold stay good for up to an hour; until both sides agree, new ones are refused and tried again. Change it when no subscription is just ending.",
        ]
      : []),
  ].join("\n\n");

const removal = (kit: Kit, accounts: Accounts): string =>
  [
    "## Remove",
    "First see to it that nothing is owed: no listing sends buyers here any more, and `npx tollhouse ledger at-risk` is empty. Then:",
    shell(
      asShell([
        "aws cloudformation update-termination-protection",
        "  --region us-east-1",
        `  --stack-name ${kit.stackName}`,
        "  --no-enable-termination-protection",
      ]),
      `aws cloudformation delete-stack --region us-east-1 --stack-name ${kit.stackName}`,
    ),
    `Nothing of it stays in account ${accounts.seller.accountId}: the dead-letter queue and the archive go with all they hold, and what AWS Marketplace tells from then on is lost. ` +
      (isForeign(accounts)
        ? "From that moment the functions of production are refused: buyers cannot register, and usage waits until AWS takes it no more."
        : "Functions of production go on acting with their own permissions until that stack is removed too."),
    "SNS cannot remove a subscription that was never confirmed; such a one lapses by itself after 48 hours.",
  ].join("\n\n");
