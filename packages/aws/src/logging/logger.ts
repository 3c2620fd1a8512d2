import { Logger } from "@aws-lambda-powertools/logger";

export type { Logger };

/** JSON lines with the function's name, the request and whatever correlation the caller adds; no bodies, no tokens. */
export const makeLogger = (): Logger => new Logger();
