import { execFile } from "node:child_process";
import { StartError } from "./failure.ts";

const oldestJava = 11;
const remedy = "DynamoDB Local needs Java 11 or newer. On Debian: apt-get install default-jre-headless";

/** @throws StartError with what to install when there is no Java, or one that is too old */
export async function requireJava(): Promise<void> {
  const version = await javaVersion();
  if (version === undefined)
    throw new StartError("java-missing", `There is no \`java\` on this machine's PATH. ${remedy}`);
  if (version < oldestJava)
    throw new StartError("java-missing", `This machine's Java is version ${version}. ${remedy}`);
}

/** `openjdk version "17.0.15"` gives 17, the old `"1.8.0_402"` gives 8; Java prints it on its error stream. */
const javaVersion = (): Promise<number | undefined> =>
  new Promise((resolve) => {
    execFile("java", ["-version"], { timeout: 20_000 }, (error, _stdout, stderr) => {
      const match = /version "(?:1\.)?(\d+)/.exec(stderr);
      resolve(error === null && match !== null ? Number(match[1]) : undefined);
    });
  });
