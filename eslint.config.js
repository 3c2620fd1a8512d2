import tseslint from "typescript-eslint";

/** `core` is pure: what it may not name, so that a rule never depends on where or when it runs. */
const impure = [
  { name: "Date", message: "core takes `now` as an argument: use Instant." },
  { name: "process", message: "core never reads the environment." },
  { name: "fetch", message: "core never reaches the network." },
  { name: "setTimeout", message: "core has no timers." },
  { name: "setInterval", message: "core has no timers." },
  { name: "setImmediate", message: "core has no timers." },
  { name: "performance", message: "core takes `now` as an argument: use Instant." },
  { name: "crypto", message: "core draws nothing at random." },
  { name: "globalThis", message: "core names what it uses." },
];

export default tseslint.config(
  {
    ignores: [
      "node_modules/**",
      ".sst/**",
      "**/sst-env.d.ts",
      "sst.config.ts",
      "infra/**",
      "**/*.js",
      "**/*.mjs",
      "**/*.cjs",
    ],
  },
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      "@typescript-eslint/switch-exhaustiveness-check": "error",
      "@typescript-eslint/no-non-null-assertion": "error",
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/restrict-template-expressions": [
        "error",
        { allowNumber: true, allowBoolean: true },
      ],
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      "@typescript-eslint/only-throw-error": "error",
      "max-lines": ["error", { max: 350, skipBlankLines: true, skipComments: true }],
      eqeqeq: "error",
      "no-restricted-syntax": [
        "error",
        {
          selector: "ImportDeclaration[source.value='zod'] > ImportSpecifier",
          message: 'Write `import * as z from "zod"`: the named form puts all of zod into every bundle.',
        },
      ],
    },
  },
  {
    files: ["packages/core/src/**/*.ts"],
    ignores: ["**/*.test.ts"],
    rules: {
      "no-restricted-globals": ["error", ...impure],
      "no-restricted-imports": [
        "error",
        ...["crypto", "node:crypto"].map((name) => ({
          name,
          allowImportNames: ["createHash", "hash"],
          message: "core hashes, and draws nothing at random.",
        })),
      ],
      "no-restricted-properties": [
        "error",
        { object: "Math", property: "random", message: "core draws nothing at random." },
      ],
    },
  },
);
