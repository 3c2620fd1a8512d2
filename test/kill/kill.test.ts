import { describe, expect, test } from "vitest";
import { hasJava } from "../java.ts";
import { ordeal } from "./ordeal.ts";
import { wrongIn } from "./verdict.ts";

const seed = Number(process.env["TOLLHOUSE_KILL_SEED"] ?? Date.now() % 1_000_000);
const hours = Number(process.env["TOLLHOUSE_KILL_HOURS"] ?? 2);

describe.runIf(await hasJava("the kill test"))("workers killed at any moment", () => {
  test(
    "lose and double nothing while AWS fails too: what was used until the last minute is billed, by every tag",
    { timeout: 240_000 + hours * 60_000 },
    async () => {
      console.log(`Kill test: TOLLHOUSE_KILL_SEED=${seed} TOLLHOUSE_KILL_HOURS=${hours}`);
      const began = performance.now();
      const aftermath = await ordeal({ seed, hours, kills: { coming: 6, hour: 12 } });
      const { kills, stream } = aftermath;
      console.log(
        `${kills.length} kills, ${kills.filter(({ withMessages }) => withMessages).length} of them with messages taken; ${stream.eventCount} events in ${stream.messageCount} messages; ${Math.round((performance.now() - began) / 1_000)} seconds`,
      );
      expect(wrongIn(aftermath), `seed ${seed}`).toEqual([]);
    },
  );
});
