import type { Logger } from "@tollhouse/aws/logging/logger";
import type { Measure } from "@tollhouse/aws/metric/measure";
import type { Configuration } from "@tollhouse/core/configuration/configuration";
import type { RecordPorts } from "@tollhouse/core/lifecycle/record-fact";
import type { TokenResolver } from "@tollhouse/core/lifecycle/register";
import type { Context } from "hono";
import type { Again, Message } from "./page/message-page.ts";
import type { Tokens } from "./token.ts";

export interface DoorPorts extends RecordPorts {
  readonly resolver: TokenResolver;
  readonly measure: Measure;
  readonly tokens: Tokens;
  /** A text that nobody can guess, for the link in a mail. */
  readonly drawCode: () => string;
  /** The page's address, as the outside sees it. */
  readonly registrationUrl: string;
}

/** What every step needs. */
export interface Door {
  readonly ports: DoorPorts;
  readonly configuration: Configuration;
  readonly logger: Pick<Logger, "info" | "warn" | "error">;
  readonly show: (
    context: Context,
    status: 200 | 400 | 403 | 404 | 413 | 503,
    message: Message,
  ) => Response | Promise<Response>;
}

/** What is noted of a request while it is answered. */
export interface Variables {
  /** How it may be tried again, should it fail. */
  readonly again?: Again | undefined;
  /** Whether the answer's form goes to the seller's page. */
  readonly handsOver?: boolean | undefined;
}

export type DoorContext = Context<{ Variables: Variables }>;
