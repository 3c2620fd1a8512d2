import type { Context } from "hono";
import * as z from "zod";
import { ClockError } from "../clock.ts";
import { ControlError } from "../control/request.ts";

/** What a person posted, by the names of the fields; a box that is not ticked is not there. */
export type Form = Readonly<Record<string, string>>;

/** Forms alone: no other kind of body is read. */
const formType = /^application\/x-www-form-urlencoded(;|$)/i;

export async function formOf(context: Context): Promise<Form> {
  const type = context.req.header("content-type") ?? "";
  const text = await context.req.text();
  if (text !== "" && !formType.test(type))
    throw new ControlError("request-invalid", "This page takes its own forms only.", 400);
  return Object.fromEntries(new URLSearchParams(text));
}

/** The form as the schema has it. @throws ControlError with the schema's own sentences */
export function read<Schema extends z.ZodType>(schema: Schema, form: Form): z.output<Schema> {
  const parsed = schema.safeParse(form);
  if (parsed.success) return parsed.data;
  const sentences = new Set(parsed.error.issues.map(({ message }) => message));
  throw new ControlError("request-invalid", [...sentences].join(" "), 400);
}

const blank = z.literal("").transform(() => undefined);

/** What may be left empty. */
export const optional = <Schema extends z.ZodType>(schema: Schema) =>
  z.union([blank, schema], { error: ({ input }) => sentenceOf(schema, input) }).optional();

const sentenceOf = (schema: z.ZodType, input: unknown): string | undefined =>
  schema.safeParse(input).error?.issues[0]?.message;

export const ticked = z
  .literal("on")
  .optional()
  .transform((value) => value === "on");

export type Attempt<Answer> =
  { readonly answer: Answer } | { readonly refused: string; readonly status: 400 | 404 | 409 };

/** What an action comes to: a refusal is a sentence for the page, and everything else that goes wrong goes on. */
export function attempt<Answer>(act: () => Answer): Attempt<Answer> {
  try {
    return { answer: act() };
  } catch (error) {
    if (error instanceof ControlError) return { refused: asSentence(error.message), status: error.status };
    if (error instanceof ClockError) return { refused: asSentence(error.message), status: 409 };
    throw error;
  }
}

/** Refusals are written for programs, in lower case and without a stop. A first word that names something stays as it is. */
function asSentence(text: string): string {
  const begun = /^[a-z]+ /.test(text) ? `${text.charAt(0).toUpperCase()}${text.slice(1)}` : text;
  return /[.!?]$/.test(begun) ? begun : `${begun}.`;
}
