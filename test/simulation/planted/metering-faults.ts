import type { PlantedFault } from "./faults.ts";

/** Defects of sealing and submitting. */
export const plantedInMetering: readonly PlantedFault[] = [
  {
    name: "later-hours-sealed-too",
    harm: "after a standstill one hour is billed with the usage of all, in the wrong month and at the wrong price",
    file: "metering/plan-seal.ts",
    find: "this.sealHour(hour, hour, period)",
    replace: "this.sealHour(hour, through, period)",
    seeds: 20,
  },
  {
    name: "attempt-counted-after-the-call",
    harm: "who dies in between leaves a record that AWS has and nobody knows to have been sent",
    file: "metering/submit-run.ts",
    find: "const counted = await Promise.all(",
    replace: "await this.call(inTime);\n    const counted = await Promise.all(",
    seeds: 10,
  },
  {
    name: "last-hour-sealed-at-once",
    harm: "usage that is on its way when a buyer leaves is never billed",
    file: "metering/final-hour.ts",
    find: "if (now < settled) return false;",
    replace: "",
    seeds: 20,
  },
  {
    name: "last-hour-sealed-before-it-is-folded",
    harm: "usage of a leaving buyer that lies in the log is never billed",
    file: "metering/final-hour.ts",
    find: "hour > last || (coveredUntil ?? 0) >= settled",
    replace: "true",
    seeds: 10,
    from: 31,
  },
  {
    name: "written-off-while-the-window-is-open",
    harm: "usage of a buyer who leaves is given up although AWS takes it for an hour more",
    file: "metering/plan-seal.ts",
    find: "if (earliestOpenHour(now, settings) > range.through) {",
    replace: "if (range.through > 0) {",
    seeds: 20,
  },
  {
    name: "paused-product-sealed",
    harm: "what an operator stopped goes on",
    file: "metering/seal-hours.ts",
    find: "if (paused !== undefined)",
    replace: "if (paused !== undefined && title === '')",
    seeds: 10,
    from: 14,
  },
  {
    name: "product-code-after-the-boundary",
    harm: "a migrating listing is metered twice, by product code and by license",
    file: "metering/usage-record.ts",
    find: "if (metersByLicenseFrom === undefined || hour < metersByLicenseFrom)",
    replace: "if (metersByLicenseFrom === undefined || hour >= 0)",
    seeds: 20,
  },
  {
    name: "throttled-call-sent-with-other-bytes",
    harm: "AWS takes the second call for another record, and bills both",
    file: "metering/submit-run.ts",
    find: "await this.call(batch, tries + 1);",
    replace: `await this.call(
          batch.map(({ entry, ...record }) => ({ ...record, entry: { ...entry, region: "eu-west-1" } })),
          tries + 1,
        );`,
    seeds: 20,
  },
  {
    name: "unprocessed-is-success",
    harm: "what AWS left unprocessed is called billed",
    file: "metering/submit-run.ts",
    find: 'return answer.status === "unprocessed" && !mayRetry ? leftUnprocessed : answer;',
    replace:
      'return answer.status === "unprocessed" ? { status: "success", meteringRecordId: undefined } : answer;',
    seeds: 20,
  },
  {
    name: "dry-run-seals",
    harm: "rehearsed usage is billed",
    file: "metering/seal-hours.ts",
    find: 'const isRehearsal = product.metering === "dry-run";',
    replace: "const isRehearsal = product.title === '';",
    seeds: 20,
  },
  {
    name: "month-end-ignored",
    harm: "records of the last month are sealed when AWS takes nothing of it any more",
    file: "metering/usage-record.ts",
    find: "return monthIsOver && byWindow < month ? month : byWindow;",
    replace: "return byWindow;",
    seeds: 40,
  },
  {
    name: "not-subscribed-is-final",
    harm: "what AWS does not take of a suspended buyer is given up, though it would after the reinstatement",
    file: "metering/outcome.ts",
    find: "const { reason, effect } = answer;",
    replace: `const { reason, effect } = answer;
      if (answer.refusedAs !== undefined) {
        const outcome = { state: answer.refusedAs, refusal: reason, at };
        await records.conclude({ ...record, attempts: 0 }, outcome);
        return { ...noneSubmitted, refused: 1 };
      }`,
    seeds: 10,
    from: 3,
  },
  {
    name: "lease-ignored",
    harm: "several submit at once, and AWS throttles all of them",
    file: "metering/submit.ts",
    find: "if (!(await ports.lease.take())) return noneSubmitted;\n  const run = new SubmitRun(ports,",
    replace: `await ports.lease.take();
  const lease = { ...ports.lease, keep: () => Promise.resolve(true) };
  const run = new SubmitRun({ ...ports, lease },`,
    seeds: 20,
  },
  {
    name: "late-write-off-of-what-came-in-time",
    harm: "usage that came before its hour settled is given up as late",
    file: "metering/plan-seal.ts",
    find: "filter((one) => this.recorded.has(one))",
    replace: "filter((one) => one <= this.context.through)",
    seeds: 10,
    from: 6,
  },
  {
    name: "billed-units-covered-again",
    harm: "when a contract's quantity grows, what was billed before is taken for unused, and its buyer pays for less than was used",
    file: "metering/allowance.ts",
    find: "add(add(term.covered, term.left), unitsIn(balance, range))",
    replace: "add(term.covered, unitsIn(balance, range))",
    seeds: 10,
    from: 95,
  },
];
