import { queues } from "@tollhouse/functions/manifest";
import { startEngine } from "../engine.ts";
import { latencyOf, mean, percentile, rounded, spreadOf } from "../statistics.ts";
import type { Measuring } from "../suite.ts";
import type { Sample } from "./exchange.ts";
import type { Figures } from "./figures.ts";
import { makeSupply, randomFrom } from "./message.ts";
import { makeSender, type Sender } from "./sender.ts";
import { startWorker, type Worker } from "./worker-process.ts";

const seed = 20_261_121;

/** Sizes are seconds of work at the pace found before, so that a slow machine takes hardly longer than a fast one. */
const size = {
  warmUpSeconds: 12,
  warmUpMessages: 100,
  countedMessages: 200,
  rounds: 6,
  drainSeconds: 2,
  writeSeconds: 1.5,
  trickleSeconds: 4,
  /** No round begins later, counted from the start. */
  lastRoundSeconds: 70,
};
const quickSize: typeof size = {
  ...{ warmUpSeconds: 0, warmUpMessages: 20, countedMessages: 20 },
  ...{ rounds: 1, drainSeconds: 0.2, writeSeconds: 0.1, trickleSeconds: 0.5, lastRoundSeconds: 70 },
};

/** What the processes did before, in messages and plain writes a second; it says how large a round is. */
interface Pace {
  readonly messages: number;
  readonly writes: number;
}

interface Bench {
  readonly worker: Worker;
  readonly sender: Sender;
  readonly supply: ReturnType<typeof makeSupply>;
}

/** One round: a full queue and plain writes next to each other, so that the machine's moods meet both, then a calm queue. */
interface Round {
  readonly drained: readonly Sample[];
  readonly messagesPerSecond: number;
  readonly messageCpuMs: number;
  readonly writeLatenciesMs: readonly number[];
  readonly writesPerSecond: number;
  readonly writeCpuMs: number;
  readonly trickled: readonly Sample[];
  readonly offeredPerSecond: number;
}

/** Runs queues, database and one worker, and measures. @throws StartError */
export async function measureLifecycle({ quick, onProgress }: Measuring): Promise<Figures> {
  const sizes = quick ? quickSize : size;
  const lastRoundAtMs = performance.now() + sizes.lastRoundSeconds * 1_000;
  onProgress("Starting queues (fauxqs) and DynamoDB Local");
  const engine = await startEngine();
  const worker = startWorker(engine);
  const sender = makeSender(engine.queuesUrl, engine.queueUrls.Intake, randomFrom(seed));
  const bench = { worker, sender, supply: makeSupply(seed) };
  try {
    onProgress("Warming up");
    const warm = await warmUp(bench, sizes);
    onProgress("Counting requests and capacity units");
    const counted = [
      ...(await drain(bench, sizes.countedMessages / 2, true)).samples,
      ...(await drain(bench, sizes.countedMessages / 2, true)).samples,
    ];
    const rounds: Round[] = [];
    while (rounds.length < sizes.rounds && (rounds.length === 0 || performance.now() < lastRoundAtMs)) {
      const number = rounds.length + 1;
      const round = await measureRound(bench, sizes, warm, number % 2 === 0);
      rounds.push(round);
      onProgress(
        `Round ${number} of ${sizes.rounds}: ${round.messagesPerSecond.toFixed(0)} messages/s, ` +
          `${round.writesPerSecond.toFixed(0)} plain writes/s`,
      );
    }
    return figuresOf(rounds, counted);
  } finally {
    sender.stop();
    await worker.stop();
    await engine.stop();
  }
}

/** Code that is run often is compiled better, in Java even more than here. */
async function warmUp(bench: Bench, { warmUpSeconds, warmUpMessages }: typeof size): Promise<Pace> {
  const untilMs = performance.now() + warmUpSeconds * 1_000;
  const once = async () => ({
    messages: perSecond(await drain(bench, warmUpMessages)),
    writes: perSecond(await plainWrites(bench.worker, warmUpMessages)),
  });
  let pace = await once();
  while (performance.now() < untilMs) pace = await once();
  return pace;
}

/** The queue is filled first; then the worker empties it, and after that the new buyers register. */
async function drain({ worker, sender, supply }: Bench, count: number, counted = false) {
  await sender.fill(supply.take(count));
  const { samples, ...spent } = await worker.take(count, counted);
  const registered = await worker.register(supply.registrations(), counted);
  return { samples: [...samples, ...registered.samples], count, ...spent };
}

const plainWrites = async (worker: Worker, count: number) => ({ ...(await worker.write(count)), count });

const perSecond = ({ count, elapsedMs }: { readonly count: number; readonly elapsedMs: number }): number =>
  (count / elapsedMs) * 1_000;

const atLeastTen = (count: number): number => Math.max(10, Math.round(count / 10) * 10);

async function measureRound(
  bench: Bench,
  { drainSeconds, writeSeconds, trickleSeconds }: typeof size,
  pace: Pace,
  writesFirst: boolean,
): Promise<Round> {
  const write = () => plainWrites(bench.worker, atLeastTen(pace.writes * writeSeconds));
  const before = writesFirst ? await write() : undefined;
  const full = await drain(bench, atLeastTen(pace.messages * drainSeconds));
  const written = before ?? (await write());
  const messagesPerSecond = perSecond(full);
  const offeredPerSecond = messagesPerSecond / 2;
  const calm = bench.supply.take(atLeastTen(offeredPerSecond * trickleSeconds));
  const [{ samples: trickled }] = await Promise.all([
    bench.worker.take(calm.length),
    bench.sender.trickle(calm, offeredPerSecond),
  ]);
  await bench.worker.register(bench.supply.registrations());
  return {
    drained: full.samples,
    messagesPerSecond,
    messageCpuMs: full.cpuMs / full.count,
    writeLatenciesMs: written.latenciesMs,
    writesPerSecond: perSecond(written),
    writeCpuMs: written.cpuMs / written.count,
    trickled,
    offeredPerSecond,
  };
}

function figuresOf(rounds: readonly Round[], counted: readonly Sample[]): Figures {
  const drained = rounds.flatMap((round) => round.drained);
  const isMessage = ({ kind }: Sample) => kind !== "customer-registered";
  const kinds = [...new Set(counted.map(({ kind }) => kind))].sort();
  return {
    batchSize: queues.Intake.batch.size,
    rounds: rounds.length,
    messagesPerSecond: spreadOf(rounds.map((round) => round.messagesPerSecond)),
    plainWritesPerSecond: spreadOf(rounds.map((round) => round.writesPerSecond)),
    plainWritesPerMessage: spreadOf(rounds.map((round) => round.writesPerSecond / round.messagesPerSecond)),
    messageCpuMs: rounded(mean(rounds.map((round) => round.messageCpuMs))),
    plainWriteCpuMs: rounded(mean(rounds.map((round) => round.writeCpuMs))),
    offeredPerSecond: spreadOf(rounds.map((round) => round.offeredPerSecond)),
    availableToStored: latencyOf(
      rounds.flatMap(({ trickled }) => trickled.map((each) => each.storedAtMs - each.availableAtMs)),
    ),
    plainWrite: latencyOf(rounds.flatMap((round) => round.writeLatenciesMs)),
    costs: kinds.map((kind) => {
      const ofKind = (sample: Sample) => sample.kind === kind;
      return costOf(kind, counted.filter(ofKind), drained.filter(ofKind));
    }),
    averageCost: costOf("message", counted.filter(isMessage), drained.filter(isMessage)),
  };
}

/** Requests and units from the counted samples, times from those of the full rounds. */
function costOf(kind: string, counted: readonly Sample[], timed: readonly Sample[]): Figures["averageCost"] {
  const average = (of: (sample: Sample) => number) => rounded(mean(counted.map(of)));
  const timesMs = timed.map(({ takenAtMs, storedAtMs }) => storedAtMs - takenAtMs);
  return {
    kind,
    count: counted.length,
    requests: average(({ requests }) => requests),
    readUnits: average(({ readUnits }) => readUnits),
    items: average(({ items }) => items),
    tableUnits: average(({ tableUnits }) => tableUnits),
    indexUnits: average(({ indexUnits }) => indexUnits),
    tries: average(({ tries }) => tries),
    p50Ms: timesMs.length === 0 ? 0 : percentile(timesMs, 0.5),
  };
}
