#!/usr/bin/env node
// JavaScript, so that an older Node than the one that `npm ci` installs says what it lacks instead of failing on TypeScript.
if (process.features.typescript) await import("../src/main.ts");
else {
  process.stderr.write(
    `tollhouse needs Node 24, and this is ${process.version}. Run it as \`npx tollhouse …\`: that finds the one \`npm ci\` installed.\n`,
  );
  process.exitCode = 2;
}
