import { afterAll, beforeAll, describe, expect, it } from "vitest";
import configuration from "../infra/single-account.config.ts";
import { hasJava } from "../java.ts";
import { type DoctorWorld, doctorWorld } from "./doctor-world.ts";

const loader = new URL("./single-account-configuration.ts", import.meta.url).href;

describe.runIf(await hasJava("doctor of a single account"))(
  "where production is the seller's own account",
  () => {
    let world: DoctorWorld;
    beforeAll(async () => {
      world = await doctorWorld(configuration, { NODE_OPTIONS: `--import=${loader}` });
    });
    afterAll(() => world.stop());

    const statuses = async () =>
      Object.fromEntries((await world.examine()).map(({ id, status }) => [id, status]));

    it("roles are not needed, and everything else holds as ourselves", async () => {
      const { roles, ...others } = await statuses();
      expect(roles).toBe("skipped");
      expect(others).toMatchObject({
        "account.production": "pass",
        "notifications.subscription.oldcontract00000000000000": "pass",
        "notifications.entitlement.oldcontract00000000000000": "pass",
        "notifications.rule": "pass",
        "notifications.target": "pass",
        "queues.Intake.senders": "pass",
        "marketplace.entitlements.oldcontract00000000000000": "pass",
      });
      expect(Object.values(others).filter((status) => status !== "pass" && status !== "skipped")).toEqual([]);
    });

    it("a rule that delivers as a role is told, since EventBridge needs none within an account", async () => {
      const { eventRule } = await world.account();
      const targets = eventRule.targets.map((each) => ({
        ...each,
        roleArn: "arn:aws:iam::444455556666:role/of-before",
      }));
      await world.changeAccount({ eventRule: { ...eventRule, targets } });
      expect(await statuses()).toMatchObject({
        "notifications.target": "fail",
        "notifications.rule": "pass",
      });
      await world.restoreAccount();
    });
  },
);
