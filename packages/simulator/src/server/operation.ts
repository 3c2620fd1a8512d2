import * as z from "zod";
import type { Decision } from "../rules/decision.ts";
import { AwsError } from "./aws-error.ts";
import type { Principal } from "./session.ts";
import type { World } from "./world.ts";

/** One call of an operation, after its sender was verified. */
interface MarketplaceCall {
  readonly body: unknown;
  readonly bodyBytes: number;
  readonly principal: Principal;
  readonly nowMs: number;
}

/** One operation: which action it needs, and how it is answered. */
export interface Operation {
  readonly name: string;
  readonly action: string;
  /** What its service calls a fault of AWS's own. */
  readonly internalError: string;
  decide(world: World, call: MarketplaceCall): Decision<unknown>;
  /** What the call log says about a request, before anything is decided. */
  measure?(body: unknown): { readonly records: number } | undefined;
  /** What the call log says about an answer: counts, never tokens. */
  note?(answer: unknown): Readonly<Record<string, unknown>>;
}

/** The body as the operation expects it. @throws AwsError naming what is wrong with it. */
export function parsed<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  throw new AwsError("ValidationException", z.prettifyError(result.error));
}
