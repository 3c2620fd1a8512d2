import { laterBy, minuteMs } from "@tollhouse/core/time/instant";
import { describe, expect, test } from "vitest";
import {
  accepted,
  key,
  type Made,
  pendingIn,
  pendingOne,
  recordOf,
  sealed,
  triedAt,
  used,
} from "./metering-example.ts";

/** Postponed by a minute. */
const why = (refusal: string) => ({ refusal, retryAt: laterBy(triedAt, minuteMs) });

/** What every RecordStore promises. */
export function recordContract(make: () => Promise<Made>): void {
  describe("an attempt", () => {
    test("is counted before the call, by one of several who read the same", async () => {
      const made = await sealed(make, [{ hour: used }]);
      const read = await pendingOne(made);
      const outcomes = await Promise.all([1, 2, 3].map(() => made.records.countAttempt(read)));
      expect(outcomes.toSorted()).toEqual([false, false, true]);
      expect((await pendingOne(made)).attempts).toBe(1);
    });

    test("is not counted any more once there is an outcome", async () => {
      const made = await sealed(make, [{ hour: used }]);
      const read = await pendingOne(made);
      await made.records.conclude(read, accepted);
      expect(await made.records.countAttempt(read)).toBe(false);
    });

    test("of a record that does not exist counts nothing", async () => {
      const made = await make();
      const { records } = made;
      expect(await records.countAttempt(recordOf(used))).toBe(false);
      await records.conclude(recordOf(used), accepted);
      await records.postpone(recordOf(used), why("never sent"), triedAt, "none");
      await records.hasten(recordOf(used), triedAt);
      expect(await pendingIn(made)).toEqual([]);
    });
  });

  describe("an outcome", () => {
    test.each([
      accepted,
      { state: "conflict", at: triedAt } as const,
      { state: "not-subscribed", refusal: "CustomerNotSubscribed", at: triedAt } as const,
      { state: "rejected", refusal: "InvalidUsageDimensionException", at: triedAt } as const,
      { state: "expired", refusal: "ThrottlingException", at: triedAt } as const,
    ])("that is final ($state) ends the waiting and stays", async (outcome) => {
      const made = await sealed(make, [{ hour: used }]);
      const read = await pendingOne(made);
      await made.records.countAttempt(read);
      await made.records.conclude(read, outcome);
      expect(await pendingIn(made)).toEqual([]);
      await made.records.postpone(read, why("too late"), triedAt, "none");
      await made.records.hasten(read, triedAt);
      await made.records.conclude(read, { state: "expired", at: triedAt });
      expect(await pendingIn(made)).toEqual([]);
      expect(await made.records.countAttempt({ ...read, attempts: 1 })).toBe(false);
      expect(await made.records.recordsOf(key, 1)).toEqual([{ ...read, attempts: 1, outcome }]);
    });

    test("of a conflict is not written when somebody else made an attempt meanwhile", async () => {
      const made = await sealed(make, [{ hour: used }]);
      const mine = await pendingOne(made);
      await made.records.countAttempt(mine);
      await made.records.countAttempt(await pendingOne(made));
      await made.records.conclude(mine, { state: "conflict", at: triedAt });
      expect(await pendingOne(made)).toMatchObject({ attempts: 2, outcome: { state: "pending" } });
    });
  });

  describe("postponing", () => {
    test("says what AWS answered, and takes back an attempt that had no effect", async () => {
      const made = await sealed(make, [{ hour: used }]);
      const read = await pendingOne(made);
      await made.records.countAttempt(read);
      const postponed = { ...why("CustomerNotSubscribed"), refusedAs: "not-subscribed" } as const;
      await made.records.postpone(read, postponed, triedAt, "none");
      const after = await pendingOne(made);
      const outcome = { state: "pending", ...postponed, triedAt };
      expect(after).toEqual({ ...read, outcome });
      expect(await made.records.countAttempt(after)).toBe(true);
    });

    test("keeps an attempt that may have reached AWS", async () => {
      const made = await sealed(make, [{ hour: used }]);
      const read = await pendingOne(made);
      await made.records.countAttempt(read);
      await made.records.postpone(read, why("timeout"), triedAt, "unknown");
      expect((await pendingOne(made)).attempts).toBe(1);
    });

    test("takes no attempt back that somebody else has counted since", async () => {
      const made = await sealed(make, [{ hour: used }]);
      const mine = await pendingOne(made);
      await made.records.countAttempt(mine);
      const theirs = await pendingOne(made);
      await made.records.countAttempt(theirs);
      await made.records.postpone(mine, why("mine"), triedAt, "none");
      expect((await pendingOne(made)).attempts).toBe(2);
    });
  });
}
