import type * as z from "zod";

export interface Measuring {
  /** The smallest run that goes everywhere; its figures mean nothing. */
  readonly quick: boolean;
  /** Told what is being done, for people. */
  readonly onProgress: (what: string) => void;
}

/** One of design's targets and what was measured. */
interface Target {
  readonly what: string;
  readonly target: string;
  readonly measured: string;
  readonly met: boolean;
}

export interface Table {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** Figures made readable. */
export interface Report {
  readonly targets: readonly Target[];
  readonly tables: readonly Table[];
  /** How it was measured and what the words mean, a paragraph each. */
  readonly notes: readonly string[];
}

/** Something that is measured, in one run on one machine. */
export interface Suite {
  readonly title: string;
  /** @throws StartError when this machine lacks what it takes */
  measure(how: Measuring): Promise<unknown>;
  /** `undefined` when the figures are not of the form that this version writes. */
  describe(figures: unknown): Report | undefined;
}

/** A suite whose figures have this schema, so that stored ones can be described again. */
export const makeSuite = <Figures>(
  title: string,
  schema: z.ZodType<Figures>,
  measure: (how: Measuring) => Promise<Figures>,
  describe: (figures: Figures) => Report,
): Suite => ({
  title,
  measure,
  describe(stored) {
    const figures = schema.safeParse(stored);
    return figures.success ? describe(figures.data) : undefined;
  },
});
