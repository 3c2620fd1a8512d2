import type { Killer } from "./killer.ts";
import type { Outside } from "../integration/outside.ts";
import type { Buyer, UsageStream } from "./usage-stream.ts";

const hourMs = 3_600_000;
const minuteMs = 60_000;
/** Usage lies in the first half of the hour; then everybody leaves. */
const usedMs = 30 * minuteMs;
/** Each kill may take five minutes of the one hour. */
const mostAtTheEnd = 4;

export interface FinalHour {
  readonly door: Outside;
  readonly killer: Killer;
  readonly stream: UsageStream;
  readonly buyers: readonly Buyer[];
  readonly kills: number;
  /** Resolves when every message is consumed. */
  readonly atRest: () => Promise<void>;
}

/**
 * Everybody uses the product for half an hour more and leaves. Functions are killed while the usage comes, while the ends are told,
 * and while the last hour is sealed and sent, for which there is one hour.
 */
export async function theyLeave({ door, killer, stream, buyers, kills, atRest }: FinalHour): Promise<void> {
  await atRest();
  killer.nextRound();
  const hourStart = (Math.floor((await door.now()) / hourMs) + 1) * hourMs;
  await door.setClock({ now: new Date(hourStart + usedMs).toISOString() });
  const messages = stream.messagesOf(hourStart, true, usedMs);
  const perKill = Math.ceil(messages.length / kills);
  for (let kill = 0; kill < kills; kill += 1)
    await killer.strike(
      async () => {
        for (const body of messages.slice(kill * perKill, (kill + 1) * perKill)) await door.sendUsage(body);
      },
      { clockStands: true },
    );
  await atRest();
  killer.nextRound();
  for (const { agreementId } of buyers) await door.cancel(agreementId);
  await killer.strike(
    async () => {
      await door.setClock({ advanceSeconds: 120 });
    },
    { clockStands: true },
  );
  await killer.strike(undefined, { clockStands: true });
  await atRest();
  killer.nextRound();
  // What was on its way has had its time.
  await door.setClock({ advanceSeconds: 14 * 60 });
  for (let kill = 0; kill < Math.min(kills, mostAtTheEnd); kill += 1) await killer.strike();
  await killer.allUp();
  await door.setClock({ rate: 60 });
}
