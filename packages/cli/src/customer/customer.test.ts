import { customerIdOf } from "@tollhouse/core/lifecycle/customer";
import { at, buyerAccountId, customerIdentifier, example, mailerCode } from "@tollhouse/core/memory/example";
import { PassThrough } from "node:stream";
import { describe, expect, test } from "vitest";
import { exampleNow, exampleSource, shownAt } from "../example-source.ts";
import { confirmation } from "./confirm.ts";
import { erase } from "./erase.ts";
import { listCustomers } from "./list.ts";
import { showCustomer } from "./show.ts";

const id = customerIdOf({ buyerAccountId });
const topic = `${mailerCode}/${customerIdentifier}`;
const subscribed = [
  example.registered("f-1", "2026-08-20T10:00:00Z", {
    productCode: mailerCode,
    customerIdentifier,
    licenseArn: undefined,
    reference: "tenant-42",
  }),
  example.subscribeSucceeded("f-2", "2026-08-20T10:00:00Z"),
];
const over = [
  ...subscribed,
  example.unsubscribePending("f-3", "2026-08-20T12:00:00Z"),
  example.unsubscribeSucceeded("f-4", "2026-08-20T13:00:00Z"),
];
const quarantined = [
  {
    id: "intake:1",
    door: "intake" as const,
    quarantinedAt: at("2026-08-20T10:00:00Z"),
    reason: "why",
    body: `{"account":"${buyerAccountId}"}`,
  },
];
const yes = () => Promise.resolve(true);
const where = "The table";

describe("customers list and show", () => {
  test("name a customer with account, identifier and subscriptions", async () => {
    const source = await exampleSource({ facts: over });
    expect(shownAt(100, await listCustomers(source, 10))).toContain(buyerAccountId);
    const answer = await showCustomer(source, id);
    expect(answer.data.customer).toMatchObject({ id, buyerAccountId, customerIdentifier });
    expect(shownAt(80, answer)).toContain("tenant-42");
    expect(answer.data.subscriptions.map((each) => each.id)).toEqual([topic]);
    for (const line of shownAt(80, answer).split("\n")) expect(line.length).toBeLessThanOrEqual(80);
  });

  test("say of an erased one that it was erased", async () => {
    const source = await exampleSource({ facts: over });
    await erase(source, id, where, yes);
    expect(shownAt(100, await listCustomers(source, 10))).toContain("erased now");
    expect(shownAt(100, await showCustomer(source, id))).toContain("erased      2026-08-21 12:00:00Z");
  });

  test("refuse whom nobody knows", async () => {
    await expect(showCustomer(await exampleSource({}), "cus-0")).rejects.toMatchObject({ code: "not-found" });
  });
});

describe("customers erase", () => {
  test("erases, and says what of, what remains and why, naming the buyer no more", async () => {
    const source = await exampleSource({ facts: over, quarantined });
    const answer = await erase(source, id, where, yes);
    expect(answer.data.erased).toEqual({
      customerId: id,
      fields: ["buyerAccountId", "customerIdentifier", "reference"],
      quarantined: 1,
      subscriptionIds: [topic],
    });
    expect(await source.store.loadCustomer(id)).toMatchObject({ erasedAt: exampleNow });
    const text = shownAt(200, answer);
    expect(text).toContain("quarantined messages that named it: 1");
    expect(text).toContain(`the facts, state and books of ${topic}`);
    expect(text).toContain("your reference in the facts");
    expect(text).not.toMatch(new RegExp(`${buyerAccountId}|tenant-42`));
  });

  test("erases nothing unless somebody agrees, who is told where", async () => {
    const source = await exampleSource({ facts: over, quarantined });
    const questions: string[] = [];
    const no = (question: string) => Promise.resolve(questions.push(question) === 0);
    await expect(erase(source, id, where, no)).rejects.toMatchObject({ code: "refused" });
    expect(questions).toEqual([expect.stringMatching(`${where}.*${id}`)]);
    expect(await source.store.loadCustomer(id)).toMatchObject({ buyerAccountId });
    expect(await source.quarantine.get("intake:1")).toBeDefined();
  });

  test("is refused while AWS still takes usage, and says of what", async () => {
    const source = await exampleSource({ facts: subscribed });
    await expect(erase(source, id, where, yes)).rejects.toMatchObject({
      code: "refused",
      message: expect.stringContaining(topic) as string,
    });
    expect(await source.store.loadCustomer(id)).toMatchObject({ buyerAccountId });
  });

  test("is refused for whom nobody knows, before anything is asked", async () => {
    const ask = () => Promise.reject(new Error("asked"));
    await expect(erase(await exampleSource({}), "cus-0", where, ask)).rejects.toMatchObject({
      code: "not-found",
    });
  });
});

describe("the question before it", () => {
  const terminal = (answer: string, isTTY = true) => {
    const [input, output] = [new PassThrough(), new PassThrough()];
    input.end(answer);
    return { input: Object.assign(input, { isTTY }), output: Object.assign(output, { isTTY }) };
  };

  test.each([
    ["y\n", true],
    [" YES \n", true],
    ["\n", false],
    ["no\n", false],
    ["yesterday\n", false],
    ["", false],
    ["\u0003", false],
    ["y\u0004\u0003", false],
  ])("answered with %j is %s", async (answer, agreed) => {
    expect(await confirmation(false, terminal(answer))("sure?")).toBe(agreed);
  });

  test("is not asked with --yes, and cannot be asked without a terminal", async () => {
    expect(await confirmation(true, terminal("no\n", false))("sure?")).toBe(true);
    expect(() => confirmation(false, terminal("y\n", false))).toThrow(
      expect.objectContaining({ code: "wrong-usage" }),
    );
  });
});
