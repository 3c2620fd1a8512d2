import * as z from "zod";
import { decimal } from "../quantity/micro-units.ts";
import { cloudEvent, maxTags, tagRecord } from "./usage-event.ts";
import { maxEventsPerMessage } from "./usage-message.ts";

/** What JSON Schema cannot see in ours, by the field's name. */
const said: Readonly<Record<string, object>> = {
  time: { format: "date-time" },
  quantity: {
    description:
      "An exact decimal, best as a string; a JSON number may have 15 significant digits. It may be negative, to take back what was reported.",
    anyOf: [{ type: "string", pattern: decimal.source }, { type: "number" }],
  },
  tags: {
    description: "By what the buyer wants usage broken down.",
    ...z.toJSONSchema(tagRecord, { io: "input" }),
    // It is said once, at the top.
    $schema: undefined,
    maxProperties: maxTags,
  },
};

/** JSON Schema (2020-12) of what a seller's service sends: a usage event, or a batch of them. */
export function publishedUsageSchema(): object {
  const { $schema, ...event } = z.toJSONSchema(cloudEvent, {
    target: "draft-2020-12",
    io: "input",
    override({ jsonSchema, path }) {
      Object.assign(jsonSchema, said[String(path.at(-1))]);
    },
  });
  return {
    $schema,
    title: "Usage, as a CloudEvent 1.0 or a batch of them",
    anyOf: [
      { $ref: "#/$defs/event" },
      { type: "array", items: { $ref: "#/$defs/event" }, maxItems: maxEventsPerMessage },
    ],
    $defs: { event },
  };
}
