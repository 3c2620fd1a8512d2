import type { Status } from "@tollhouse/core/doctor/finding";
import type { DoctorWorld } from "./doctor-world.ts";

/** A link that is broken for one test. */
export interface Break {
  readonly name: string;
  readonly break: (world: DoctorWorld) => Promise<unknown>;
  readonly mend: (world: DoctorWorld) => Promise<unknown>;
  /** Everything that is then found, by id: how, why and what mends it. */
  readonly found: Readonly<Record<string, readonly [status: Status, detail: RegExp, remedy: RegExp]>>;
  /** Ids of what cannot be tried then, and says so. */
  readonly hides?: RegExp;
}
