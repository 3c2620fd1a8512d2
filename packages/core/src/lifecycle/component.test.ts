import { expect, test } from "vitest";
import { at, example, exampleConfiguration } from "../memory/example.ts";
import { memoryLifecycle } from "../memory/lifecycle-store.ts";
import { fixedClock } from "../time/clock.ts";
import { recordFact } from "./record-fact.ts";

test("80 records that hang together are decided over at once; one more is refused for good, and nothing of it stored", async () => {
  const { store } = memoryLifecycle();
  const ports = {
    store,
    clock: fixedClock(at("2026-08-20T12:00:00Z")),
    waker: { wake: () => Promise.resolve() },
  };
  const renewal = (index: number) =>
    recordFact(
      ports,
      exampleConfiguration,
      example.agreementCreated(`f-${index}`, "2026-08-20T10:00:00Z", {
        agreementId: `agmt-${index}`,
        ...(index > 1 && { intent: "RENEW", previousAgreementId: `agmt-${index - 1}` }),
      }),
    );
  for (let index = 1; index <= 80; index += 1)
    expect(await renewal(index)).toEqual({ kind: "stored", subscriptionIds: [] });
  const tooMany = renewal(81);
  await expect(tooMany).rejects.toMatchObject({ code: "lifecycle-component-too-large", retryable: false });
  await expect(tooMany).rejects.toThrow(/agreement agmt-81 hangs together with more than 80 .*dead-letter/);
  expect((await store.loadAgreement("agmt-81")).version).toBe(0);
  expect((await store.loadAgreement("agmt-80")).links.successorIds).toEqual([]);
});
