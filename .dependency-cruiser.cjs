/** Which way packages may look (docs/architecture.md). A test may look anywhere. */
const pkg = (names) => `^packages/(${names})/src`;
const notTest = "\\.test\\.ts$";
const only = (from, allowed, comment) => ({
  name: `${from}-looks-only-at-${allowed.split("|").join("-") || "nothing"}`,
  comment,
  severity: "error",
  from: { path: pkg(from), pathNot: notTest },
  to: { path: "^packages/[^/]+/src", pathNot: pkg(`${from}${allowed ? "|" + allowed : ""}`) },
});

module.exports = {
  forbidden: [
    only("core", "", "core is what is true; it knows nothing outside itself."),
    only("aws", "core", "aws fulfils core's ports."),
    only("functions", "core|aws", "functions wire ports to use cases."),
    only("client", "", "client speaks over the wire, from services that have nothing else of ours."),
    only("simulator", "", "the simulator is written independently of the code it tests."),
    only("local", "core|aws|functions|simulator", "local drives handlers and starts the simulator."),
    only("cli", "core|aws|local", "the CLI reads stores and starts the local world."),
    {
      name: "core-is-pure",
      comment: "zod and Node's pure functions (hashing, compression, assertions) only.",
      severity: "error",
      from: { path: pkg("core"), pathNot: notTest },
      to: {
        dependencyTypes: ["core", "npm", "npm-dev", "npm-optional", "npm-no-pkg", "npm-unknown"],
        pathNot: "node_modules/zod|^(node:)?(crypto|zlib|assert)$",
      },
    },
    {
      name: "aws-alone-knows-aws",
      severity: "error",
      from: { path: pkg("core|functions|cli|client"), pathNot: notTest },
      to: { path: "node_modules/@aws-sdk" },
    },
    { name: "no-cycles", severity: "error", from: {}, to: { circular: true } },
    { name: "resolvable", severity: "error", from: {}, to: { couldNotResolve: true, pathNot: "^sst$" } },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "^\\.sst" },
    tsConfig: { fileName: "tsconfig.json" },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "types", "default"] },
  },
};
