import { afterAll, beforeAll, describe, it } from "vitest";
import { hasJava } from "../java.ts";
import { expectLostAnswerBilledOnce } from "./lost-answer.ts";
import { type MeteredWorld, meteredWorld } from "./metered-world.ts";

/** The same as in `rivals-metering.test.ts`, where AWS answers as its metering skill says and not as its API reference does. */
describe.runIf(await hasJava("a resend that AWS calls a duplicate"))("billed equals used", () => {
  let world: MeteredWorld;
  beforeAll(async () => {
    world = await meteredWorld({ identicalResend: "DuplicateRecord" });
  });
  afterAll(() => world.close());

  it("when a call is accepted, its answer lost, and the same is called a duplicate an hour later", async () => {
    await expectLostAnswerBilledOnce(world, "DuplicateRecord");
  });
});
