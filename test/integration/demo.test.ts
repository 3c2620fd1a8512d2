import { expect, it } from "vitest";
import * as z from "zod";
import { run } from "./command.ts";

const resultSchema = z.object({
  result: z.string(),
  lines: z.array(z.object({ used: z.string(), billed: z.string() })),
});

it("npm run demo ends with billed equal to used, every time", { timeout: 120_000 }, async () => {
  for (const attempt of [1, 2]) {
    const command = run("demo", ["--json"]);
    expect(await command.ended(), `attempt ${attempt}: ${command.lines.join("\n")}`).toBe(0);
    const { result, lines } = resultSchema.parse(JSON.parse(command.lines.at(-1) ?? ""));
    expect(result).toBe("billed-equals-used");
    expect(lines.map(({ billed }) => billed)).toEqual(lines.map(({ used }) => used));
    expect(lines).toHaveLength(3);
  }
});
