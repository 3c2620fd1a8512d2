import { figure } from "../statistics.ts";
import { makeSuite, type Report } from "../suite.ts";
import { type Figures, figuresSchema } from "./figures.ts";
import { quota } from "./marketplace.ts";
import { measureSubmit } from "./measure.ts";

const target = { shareOfQuota: 0.95, recordsPerCall: 24 };
const whole = (value: number): string => value.toLocaleString("en-US", { maximumFractionDigits: 0 });
const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

function describe({ atQuota, unpaced }: Figures): Report {
  const share = atQuota.callsPerSecond / quota;
  const timesQuota = unpaced.records / unpaced.seconds / (atQuota.recordsPerCall * quota);
  return {
    targets: [
      {
        ...{ what: "of AWS's quota of calls used under load", target: `≥ ${percent(target.shareOfQuota)}` },
        ...{ measured: percent(share), met: share >= target.shareOfQuota },
      },
      {
        ...{
          what: "calls in any second, at most",
          target: `≤ ${quota}`,
          measured: whole(atQuota.mostInASecond),
        },
        met: atQuota.mostInASecond <= quota && atQuota.throttled === 0,
      },
      {
        ...{
          what: "records a call",
          target: `≥ ${target.recordsPerCall}`,
          measured: figure(atQuota.recordsPerCall),
        },
        met: atQuota.recordsPerCall >= target.recordsPerCall,
      },
    ],
    tables: [
      {
        title: `${whole(atQuota.records)} pending records`,
        columns: ["", "seconds", "calls", "calls a second", "records a second"],
        rows: [
          [
            "at AWS's quota, over HTTP",
            ...[
              atQuota.seconds,
              atQuota.calls,
              atQuota.callsPerSecond,
              atQuota.records / atQuota.seconds,
            ].map(figure),
          ],
          [
            "to an AWS that takes everything at once",
            ...[
              unpaced.seconds,
              unpaced.calls,
              unpaced.calls / unpaced.seconds,
              unpaced.records / unpaced.seconds,
            ].map(figure),
          ],
          ["times faster than the quota", "", "", "", figure(timesQuota)],
        ],
      },
    ],
    notes: [
      `Records of many licenses, 25 dimensions and 20 hours lie pending in DynamoDB Local. At AWS's quota they are sent by AWS's client over HTTP to the
simulator, which throttles at ${quota} calls a second and bills; the run fails unless every unit is billed. Calls a second and the most in any second are by
the instants at which the simulator got the calls; ${whole(atQuota.throttled)} were throttled. The other run leaves out the client, the network and the quota: lease,
look-up, attempts and outcomes are the same. What a record costs in write units is in the suite usage, under seal, submit, outcome.`,
    ],
  };
}

export const submit = makeSuite(
  "Submit: from pending records to AWS",
  figuresSchema,
  measureSubmit,
  describe,
);
