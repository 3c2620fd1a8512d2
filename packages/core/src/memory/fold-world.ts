import { licenseIdOf } from "../lifecycle/license.ts";
import type { SubscriptionId } from "../lifecycle/subscription.ts";
import { type FoldPorts, foldUsage } from "../metering/fold-usage.ts";
import { shardOf } from "../usage/shard.ts";
import { at, example, exampleConfiguration, hour, licenseId } from "./example.ts";
import { memoryMeter } from "./meter.ts";

export const used = hour("2026-08-20T14");
export const time = "2026-08-20T14:23:11Z";
const key = { subscriptionId: licenseId as string as SubscriptionId, dimension: "gb_stored" };

/** A license that is active since noon, and some usage of it at two. */
export async function world(...batches: readonly (readonly object[])[]) {
  const meter = memoryMeter();
  meter.setNow(at("2026-08-20T15:20:00Z"));
  await meter.record(example.licenseUpdated("f-1", "2026-08-20T12:00:00Z"));
  for (const batch of batches) await meter.ingest(batch);
  const marks = async (subject = licenseId as string) =>
    meter.ports.usageLog.marks(shardOf(subject, 4), used);
  const foldWith = async (ports: FoldPorts, subject = licenseId as string) => {
    let eventCount = 0;
    for (const mark of await marks(subject))
      eventCount += (await foldUsage(ports, exampleConfiguration, mark)).eventCount;
    return eventCount;
  };
  const counted = async (subscriptionId = key.subscriptionId as string, dimension = key.dimension) =>
    (await meter.ports.books.load({ subscriptionId: subscriptionId as SubscriptionId, dimension })).counted;
  const waits = async (subject: string) => {
    const waiting = await meter.ports.waiting.under(licenseIdOf(subject) ?? subject, 100);
    return waiting.map(({ reason, units }) => [reason, units] as const);
  };
  return {
    ...meter,
    marks,
    foldWith,
    fold: (subject?: string) => foldWith(meter.ports, subject),
    counted,
    waits,
  };
}

/** Ports that let `around` decide about every call, which it knows by its number from 1 on. */
export function watched<Ports extends object>(
  ports: Ports,
  around: (call: number, go: () => Promise<unknown>) => Promise<unknown>,
): Ports {
  let calls = 0;
  const watch = <Part extends object>(part: Part): Part =>
    new Proxy(part, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name);
        if (typeof value !== "function") return value;
        return (...given: unknown[]) => {
          calls += 1;
          return around(calls, () => Reflect.apply(value, target, given) as Promise<unknown>);
        };
      },
    });
  const parts = Object.entries(ports as Record<string, object>);
  return Object.fromEntries(parts.map(([name, part]) => [name, watch(part)])) as Ports;
}

/** Does `act` before the n-th call. `reached` says whether there was one. */
export function beforeCall<Ports extends object>(ports: Ports, n: number, act: () => Promise<unknown>) {
  const seen = { reached: false };
  const acting = watched(ports, async (call, go) => {
    if (call === n) {
      seen.reached = true;
      await act();
    }
    return go();
  });
  return { ports: acting, seen };
}
