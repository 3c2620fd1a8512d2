/** What AWS would answer, as far as the stack reads it. */
export type Inputs = Record<string, unknown>;

const region = "us-east-1";

/** The attributes that AWS gives a new resource. Anything not listed has an id and no more than it was made with. */
export function created(
  type: string,
  name: string,
  inputs: Inputs,
  account: string,
): Inputs & { id: string } {
  const arn = (service: string, rest: string) => `arn:aws:${service}:${region}:${account}:${rest}`;
  switch (type) {
    case "aws:sqs/queue:Queue": {
      const url = `https://sqs.${region}.amazonaws.com/${account}/${name}`;
      return { id: url, url, arn: arn("sqs", name) };
    }
    case "aws:lambda/function:Function":
      return { id: name, arn: arn("lambda", `function:${name}`) };
    case "aws:iam/role:Role":
      return { id: name, arn: `arn:aws:iam::${account}:role/${name}` };
    case "aws:dynamodb/table:Table":
      return { id: name, arn: arn("dynamodb", `table/${name}`) };
    case "aws:cloudwatch/logGroup:LogGroup":
      return { id: name, arn: arn("logs", `log-group:${name}`) };
    case "aws:cloudwatch/eventBus:EventBus":
      return { id: name, arn: arn("events", `event-bus/${name}`) };
    case "aws:cloudwatch/eventRule:EventRule":
      return { id: name, arn: arn("events", `rule/${String(inputs.eventBusName)}/${name}`) };
    case "aws:sns/topic:Topic":
      return { id: name, arn: arn("sns", name) };
    case "aws:apigatewayv2/api:Api":
      return {
        id: name,
        apiEndpoint: `https://${name}.execute-api.${region}.amazonaws.com`,
        executionArn: arn("execute-api", name),
      };
    case "random:index/randomBytes:RandomBytes":
      return { id: name, base64: Buffer.alloc(32).toString("base64") };
    default:
      return { id: name };
  }
}

/** What AWS answers when the program asks instead of making. @throws for a question that nobody asked before. */
export function answered(token: string, inputs: Inputs, account: string): Inputs {
  switch (token) {
    case "aws:index/getRegion:getRegion":
      return { id: region, region };
    case "aws:index/getPartition:getPartition":
      return { id: "aws", partition: "aws" };
    case "aws:index/getCallerIdentity:getCallerIdentity":
      return { id: account, accountId: account };
    case "aws:iam/getPolicyDocument:getPolicyDocument":
      return {
        ...inputs,
        id: "document",
        json: JSON.stringify(policyDocument(inputs)),
      };
    default:
      throw new Error(`the harness has no answer to ${token}`);
  }
}

interface Document {
  readonly statements?: readonly {
    readonly effect?: string;
    readonly actions: string[];
    readonly resources?: string[];
    readonly principals?: { readonly type: string; readonly identifiers: string[] }[];
    readonly conditions?: { readonly test: string; readonly variable: string; readonly values: string[] }[];
  }[];
}

/** The provider renders a policy from its statements; this is the same function of the same inputs. */
const policyDocument = ({ statements = [] }: Document) => ({
  Version: "2012-10-17",
  Statement: statements.map(({ effect, actions, resources, principals, conditions }) => ({
    Effect: effect ?? "Allow",
    Action: actions,
    ...(resources && { Resource: resources }),
    ...(principals && {
      Principal: Object.fromEntries(principals.map(({ type, identifiers }) => [type, identifiers])),
    }),
    ...(conditions && {
      Condition: Object.fromEntries(
        conditions.map(({ test, variable, values }) => [test, { [variable]: values }]),
      ),
    }),
  })),
});
