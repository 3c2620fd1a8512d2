import { access } from "./access/suite.ts";
import { bundle } from "./bundle/suite.ts";
import { lifecycle } from "./lifecycle/suite.ts";
import { submit } from "./submit/suite.ts";
import type { Suite } from "./suite.ts";
import { usage } from "./usage/suite.ts";

/** Every suite, by the name that it is asked for. */
export const suites = { lifecycle, usage, submit, access, bundle } as const satisfies Readonly<
  Record<string, Suite>
>;
export type SuiteName = keyof typeof suites;
