import { at } from "@tollhouse/core/memory/example";
import type { SubmitLease } from "@tollhouse/core/metering/store";
import { type Instant, laterBy, minuteMs, secondMs } from "@tollhouse/core/time/instant";
import { describe, expect, test } from "vitest";

/** Makes leases of one thing, each another owner's, on a clock that is set by hand. */
export type MakeLeases = (now: () => Instant) => Promise<() => SubmitLease>;

/** What every SubmitLease promises. */
export function leaseContract(make: MakeLeases): void {
  const two = async () => {
    const time = { now: at("2026-08-20T15:00:00Z") };
    const lease = await make(() => time.now);
    const pass = (ms: number) => void (time.now = laterBy(time.now, ms));
    return { one: lease(), other: lease(), lease, pass };
  };

  describe("the right to call AWS", () => {
    test("is had by one at a time, for a minute", async () => {
      const { one, other, pass } = await two();
      expect(await one.take()).toBe(true);
      expect(await other.take()).toBe(false);
      pass(minuteMs - 1);
      expect(await other.take()).toBe(false);
      pass(1);
      expect(await other.take()).toBe(true);
      expect(await one.take()).toBe(false);
      expect(await one.keep()).toBe(false);
    });

    test("is had by one of several who take it at once", async () => {
      const { lease } = await two();
      const taken = await Promise.all([1, 2, 3, 4].map(() => lease().take()));
      expect(taken.filter(Boolean)).toHaveLength(1);
    });

    test.each(["take", "keep"] as const)("lasts for another minute when its owner says %s", async (again) => {
      const { one, other, pass } = await two();
      await one.take();
      pass(minuteMs - 1);
      expect(await one[again]()).toBe(true);
      pass(minuteMs - 1);
      expect(await other.take()).toBe(false);
      pass(1);
      expect(await other.take()).toBe(true);
    });

    test("is kept by its owner also late, as long as nobody else has taken it", async () => {
      const { one, other, pass } = await two();
      await one.take();
      pass(minuteMs + 1);
      expect(await one.keep()).toBe(true);
      expect(await other.take()).toBe(false);
    });

    test("is not kept by somebody who never had it", async () => {
      const { one, other } = await two();
      expect(await one.keep()).toBe(false);
      expect(await other.take()).toBe(true);
      expect(await one.keep()).toBe(false);
    });

    test("is another's a second after its owner let it go, and not sooner", async () => {
      const { one, other, pass } = await two();
      await one.take();
      await one.release();
      expect(await other.take()).toBe(false);
      pass(secondMs - 1);
      expect(await other.take()).toBe(false);
      pass(1);
      expect(await other.take()).toBe(true);
    });

    test("is not let go by somebody who does not have it", async () => {
      const { one, other, lease, pass } = await two();
      await other.release();
      expect(await one.take()).toBe(true);
      await other.release();
      pass(secondMs);
      expect(await lease().take()).toBe(false);
      expect(await one.keep()).toBe(true);
    });
  });
}
