import { answered, created, type Inputs } from "./fake-aws.ts";
import { requireFromPlatform } from "./platform.ts";

export interface Resource {
  readonly type: string;
  /** Its name in the program, not on AWS. */
  readonly name: string;
  readonly inputs: Inputs;
  readonly retainOnDelete: boolean;
}

/** The few parts of Pulumi's Node.js SDK 3.215 that the harness touches. */
interface Pulumi {
  readonly runtime: {
    setMocks(mocks: Mocks, project: string, stack: string, preview: boolean): Promise<void>;
    setAllConfig(configuration: Record<string, string>): void;
    runInPulumiStack(program: () => Promise<unknown>): Promise<unknown>;
  };
}
interface Mocks {
  newResource(resource: { type: string; name: string; inputs: Inputs }): { id: string; state: Inputs };
  call(call: { token: string; inputs: Inputs }): Inputs;
}
interface Request {
  getType(): string;
  getName(): string;
  getRetainondelete(): boolean;
  getUrn(): string;
  getOutputs(): { toJavaScript(): Inputs } | undefined;
}
type Register = (request: Request, callback: (error: unknown, response: unknown) => void) => unknown;
interface Monitor {
  registerResource: Register;
  registerResourceOutputs: Register;
}

export interface Recording {
  readonly resources: Resource[];
  /** What the stack shows at the end of a deploy. */
  stackOutputs: Inputs;
  /** What handlers could be linked to, as SST notes it in the state. */
  readonly links: { readonly urn: string; readonly outputs: Inputs }[];
}

/** Runs a Pulumi program whose every resource is recorded instead of made. */
export async function record(
  app: { name: string; stage: string; account: string },
  program: () => Promise<unknown>,
): Promise<Recording> {
  const pulumi = requireFromPlatform("@pulumi/pulumi") as Pulumi;
  const { MockMonitor } = requireFromPlatform("@pulumi/pulumi/runtime/mocks") as {
    MockMonitor: { prototype: Monitor };
  };
  const recording: Recording = { resources: [], stackOutputs: {}, links: [] };
  const retained = new Set<string>();
  watch(MockMonitor.prototype, retained, recording);
  await pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, inputs: wrapped }) => {
        const inputs = plain(wrapped) as Inputs;
        const given = typeof inputs.name === "string" ? withoutSuffix(inputs.name) : undefined;
        if (given !== undefined) inputs.name = given;
        recording.resources.push({ type, name, inputs, retainOnDelete: retained.has(`${type} ${name}`) });
        const { id, ...attributes } = created(type, given ?? name, inputs, app.account);
        return {
          id,
          state: { ...wrapped, ...(given !== undefined && { name: given }), ...attributes },
        };
      },
      call: ({ token, inputs }) => answered(token, plain(inputs) as Inputs, app.account),
    },
    app.name,
    app.stage,
    false,
  );
  pulumi.runtime.setAllConfig({ "aws:region": "us-east-1" });
  await pulumi.runtime.runInPulumiStack(program);
  return recording;
}

/** SST's note of something that a handler could be linked to. */
export const linkType = "sst:sst:LinkRef";

/** Mocks are not told a resource's options nor the stack's outputs: the monitor in front of them is. */
function watch(monitor: Monitor, retained: Set<string>, recording: Recording): void {
  const { registerResource, registerResourceOutputs } = monitor;
  monitor.registerResource = function (request, callback) {
    if (request.getRetainondelete()) retained.add(`${request.getType()} ${request.getName()}`);
    return registerResource.call(this, request, callback);
  };
  monitor.registerResourceOutputs = function (request, callback) {
    if (request.getUrn().includes("pulumi:pulumi:Stack::")) {
      recording.stackOutputs = plain(request.getOutputs()?.toJavaScript() ?? {}) as Inputs;
    }
    if (request.getUrn().includes(`${linkType}::`)) {
      const outputs = plain(request.getOutputs()?.toJavaScript() ?? {}) as Inputs;
      recording.links.push({ urn: request.getUrn(), outputs });
    }
    return registerResourceOutputs.call(this, request, callback);
  };
}

/** Pulumi's mark of a wrapped (secret) value on the wire. */
const wrapper = "4dabf18193072939515e22adb298388d";

function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (value === null || typeof value !== "object") return value;
  if (wrapper in value && "value" in value) return plain(value.value);
  if ("__pulumiAsset" in value || "__pulumiArchive" in value) return "file";
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
}

/** SST ends the names it chooses in 8 random letters of its own alphabet. */
const withoutSuffix = (name: string): string => name.replace(/-[abcdefhkmnorstuvwxz]{8}$/, "");
