import type { Control } from "../control/control.ts";

/** What the storefront works on: the same as the control API, and where buyers are sent to. */
export interface Shop extends Control {
  /** The seller's registration page. Without it a buyer is shown the token instead. */
  readonly registrationUrl: string | undefined;
}
