import type { Agreement } from "../agreement/agreement.ts";
import { speaksEvents } from "../catalogue.ts";
import { uuidOf } from "../identity.ts";
import type { Change } from "../state.ts";
import { dayMs } from "../time.ts";
import { type InformationalEvent, informationalEvent, isProposedBySeller } from "./informational-event.ts";
import type { Act } from "./message.ts";

/** An event that changes nothing, due at `dueAtMs`. */
export function planInformational(
  { catalogue, state, counter }: Act,
  agreement: Agreement,
  event: InformationalEvent,
  dueAtMs: number,
): Change {
  const kind = event.kind === "ending" ? "agreement-ending" : "informational";
  const id = uuidOf(state.seed, agreement.id, event.kind, dueAtMs, counter);
  const said = informationalEvent(catalogue, agreement, { id, dueAtMs }, event);
  const notification = { id, kind, agreementId: agreement.id, dueAtMs, content: said } as const;
  return { kind: "notification-planned", notification };
}

/** Days before its end on which a term's proposer is told (Seller Guide, "Amazon EventBridge events"). */
const noticeDays = [180, 120, 90, 60, 30];

/** The notices before the end of a term, where they are switched on. */
export function planNotices(act: Act, agreement: Agreement, nowMs: number): Change[] {
  const { catalogue, product } = act;
  const { endAtMs } = agreement;
  if (catalogue.endingNotices !== true || endAtMs === null) return [];
  if (!speaksEvents(product) || !isProposedBySeller(catalogue, agreement)) return [];
  return noticeDays
    .map((days) => ({ days, dueAtMs: endAtMs - days * dayMs }))
    .filter(({ dueAtMs }) => dueAtMs > nowMs)
    .map(({ days, dueAtMs }) =>
      planInformational(act, agreement, { kind: "ending", daysBeforeEndTime: days }, dueAtMs),
    );
}
