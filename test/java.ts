import { requireJava } from "@tollhouse/local/java";

/** Whether this machine has the Java that a suite needs; says loudly when not. @throws where CI must try everything */
export async function hasJava(suite: string): Promise<boolean> {
  try {
    await requireJava();
    return true;
  } catch (error) {
    if (process.env["CI"] === "true") throw error;
    const why = error instanceof Error ? error.message : String(error);
    console.error(`\n!!! Left out: ${suite}. ${why}\n`);
    return false;
  }
}
