import { metrics } from "@tollhouse/aws/metric/metric";
import { functions } from "@tollhouse/functions/manifest";
import { describe, expect, it } from "vitest";
import { synth } from "./synth/synth.ts";

interface Widget {
  readonly type: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly properties: {
    readonly metrics?: readonly (readonly unknown[])[];
    readonly alarms?: readonly string[];
    readonly markdown?: string;
  };
}

/** What CloudWatch knows of AWS's own services, by the page of each, and by which dimension. */
const ofAws: Readonly<Record<string, readonly string[]>> = {
  // Amazon SQS guide, "Available CloudWatch metrics for Amazon SQS".
  "AWS/SQS QueueName": ["ApproximateAgeOfOldestMessage", "ApproximateNumberOfMessagesVisible"],
  // Lambda guide, "Types of metrics for Lambda functions".
  "AWS/Lambda FunctionName": ["Errors", "Throttles", "Duration"],
  // API Gateway guide, "Monitor CloudWatch metrics for HTTP APIs".
  "AWS/ApiGateway ApiId": ["5xx"],
};

describe.each(["production", "jane"])("the dashboard of stage %s", async (stage) => {
  const { resources } = await synth(stage);
  const of = (type: string) =>
    resources.filter((resource) => resource.type === type).map(({ inputs }) => inputs);
  const [dashboard] = of("aws:cloudwatch/dashboard:Dashboard");
  const body = String(dashboard?.dashboardBody);
  const { widgets } = JSON.parse(body) as { readonly widgets: readonly Widget[] };
  const shown = widgets.flatMap(({ properties }) => properties.metrics ?? []);
  const prefix = `tollhouse-${stage}`;

  it("fits the 24 columns and has no widget on another", () => {
    const taken = new Map<string, number>();
    widgets.forEach(({ x, y, width, height }, index) => {
      expect(x).toBeGreaterThanOrEqual(0);
      expect(x + width).toBeLessThanOrEqual(24);
      for (let column = x; column < x + width; column += 1)
        for (let row = y; row < y + height; row += 1) {
          expect(taken.get(`${String(column)}/${String(row)}`)).toBeUndefined();
          taken.set(`${String(column)}/${String(row)}`, index);
        }
    });
  });

  it("begins with what to look at first", () => {
    const [first] = widgets;
    expect(first).toMatchObject({ type: "text", y: 0 });
    expect(first?.properties.markdown).toContain("Look first");
  });

  it("shows each metric of ours under a function that measures it, in this installation's namespace", () => {
    const ours = shown.filter(([namespace]) => String(namespace).startsWith("Tollhouse/"));
    for (const [namespace, name, dimension, service] of ours) {
      expect([namespace, dimension]).toEqual([`Tollhouse/${prefix}`, "service"]);
      const known = Object.entries(metrics).find(([one]) => one === name);
      expect(known?.[1].of).toContain(service);
      expect(Object.keys(functions)).toContain(service);
    }
  });

  it("shows everything that is measured", () => {
    const wanted = Object.entries(metrics).flatMap(([name, { of: services }]) =>
      services.map((service) => `${name} ${service}`),
    );
    const found = new Set(shown.map(([, name, , service]) => `${String(name)} ${String(service)}`));
    expect(wanted.filter((each) => !found.has(each))).toEqual([]);
  });

  it("shows of AWS only metrics that there are, of resources that there are", () => {
    const there = new Set([
      ...of("aws:sqs/queue:Queue").map(({ name }) => name),
      ...of("aws:lambda/function:Function").map(({ name }) => name),
      ...resources.filter(({ type }) => type === "aws:apigatewayv2/api:Api").map(({ inputs }) => inputs.name),
    ]);
    const theirs = shown.filter(([namespace]) => String(namespace).startsWith("AWS/"));
    expect(theirs.length).toBeGreaterThan(50);
    for (const [namespace, name, dimension, value] of theirs) {
      expect(ofAws[`${String(namespace)} ${String(dimension)}`]).toContain(name);
      expect(there).toContain(value);
    }
  });

  it("shows the state of every alarm there is, and of no other", () => {
    const there = of("aws:cloudwatch/metricAlarm:MetricAlarm").map(
      ({ name }) => `arn:aws:cloudwatch:us-east-1:444455556666:alarm:${String(name)}`,
    );
    expect(widgets.flatMap(({ properties }) => properties.alarms ?? []).toSorted()).toEqual(there.toSorted());
    // One widget shows so many (CloudWatch guide, "Dashboard body structure").
    expect(there.length).toBeLessThanOrEqual(100);
  });

  it("has no more metrics in a graph than CloudWatch draws, and no larger body than it takes", () => {
    for (const { properties } of widgets) expect(properties.metrics?.length ?? 0).toBeLessThanOrEqual(500);
    expect(body.length).toBeLessThan(1_000_000);
  });
});

describe("every function", async () => {
  const { resources } = await synth("production");
  const all = resources
    .filter(({ type }) => type === "aws:lambda/function:Function")
    .map(({ inputs }) => ({
      name: String(inputs.name),
      variables: (inputs.environment as { variables: Record<string, string> }).variables,
    }));

  it.each(all)(
    "$name has no secret in its environment but the key to SST's own, empty links",
    ({ variables }) => {
      const isSst = (name: string) => name.startsWith("SST_");
      expect(Object.keys(variables).filter(isSst).toSorted()).toEqual([
        "SST_KEY",
        "SST_KEY_FILE",
        "SST_RESOURCE_App",
      ]);
      for (const [name, value] of Object.entries(variables)) {
        if (name === "SST_KEY") continue;
        expect(name).not.toMatch(/SECRET|TOKEN|PASSWORD|EXTERNAL|CREDENTIAL|_KEY$/);
        // The configuration's one value that is not for everybody.
        expect(value).not.toContain("example-only-replace-me");
        // Names and addresses of resources are no longer than this, and nothing random is in them.
        expect(value).not.toMatch(/[A-Za-z0-9+/]{40,}={0,2}$/);
      }
    },
  );
});
