import { functionReader } from "@tollhouse/aws/doctor/function-reader";
import type { OwnAccount } from "@tollhouse/aws/doctor/own-account";
import { judgeAlarms } from "@tollhouse/core/doctor/alarm";
import type { Check } from "@tollhouse/core/doctor/examine";
import { skipped } from "@tollhouse/core/doctor/finding";
import { judgeFunction, judgeMapping, judgeSchedule } from "@tollhouse/core/doctor/function";
import { type FunctionName, functions, isPermanent, scheduleExpression, type Source } from "../manifest.ts";
import type { Installation } from "./installation.ts";

/** Whether every function is there, is woken by what it should be, and is missed when it fails. */
export function functionChecks(
  installation: Installation,
  ownAccount: () => Promise<OwnAccount>,
): readonly Check[] {
  const { own, place, named, remedies } = installation;
  if (place === "local")
    return [
      {
        id: "functions",
        group: "functions",
        tried: "Functions, their queues and schedules, and who hears the alarms",
        look: () =>
          Promise.resolve(skipped("Not tried here: the local world has no Lambda, Scheduler and alarms.")),
      },
    ];
  const reader = functionReader(own);
  return [
    ...(Object.keys(functions) as FunctionName[]).flatMap((name) =>
      checksOfFunction(name, installation, reader),
    ),
    {
      id: "functions.alarms",
      group: "functions",
      tried: "Somebody hears the alarms",
      async look() {
        if (!isPermanent(installation.stage))
          return skipped("Not needed: only a permanent stage has alarms.");
        const { accountId } = await ownAccount();
        const topicArn = `arn:aws:sns:us-east-1:${accountId}:${named("alarms")}`;
        return judgeAlarms(await reader.subscribers(topicArn), topicArn, remedies);
      },
    },
  ];
}

function checksOfFunction(
  name: FunctionName,
  installation: Installation,
  reader: ReturnType<typeof functionReader>,
): readonly Check[] {
  const { named, environment, remedies } = installation;
  const { timeoutSeconds } = functions[name];
  const sources: readonly Source[] = functions[name].sources;
  return [
    {
      id: `functions.${name}`,
      group: "functions",
      tried: `${name} is there, as the stack makes it`,
      look: async () =>
        judgeFunction(
          await reader.function(named(name)),
          { environment: environment(name), timeoutSeconds },
          remedies,
        ),
    },
    ...sources.flatMap((source) => sourceChecks(name, source, installation, reader)),
  ];
}

function sourceChecks(
  name: FunctionName,
  source: Source,
  { named, remedies, configuration }: Installation,
  reader: ReturnType<typeof functionReader>,
): readonly Check[] {
  const group = "functions";
  switch (source.kind) {
    case "queue": {
      const queueArn = `arn:aws:sqs:us-east-1:${configuration.production.accountId}:${named(source.queue)}`;
      return [
        {
          id: `functions.${name}.queue`,
          group,
          tried: `${name} gets the messages of ${source.queue}`,
          look: async () => judgeMapping(await reader.mappings(named(name)), queueArn, remedies),
        },
      ];
    }
    case "schedule": {
      const expression = scheduleExpression(source.everyMinutes);
      const targetArn = `arn:aws:lambda:us-east-1:${configuration.production.accountId}:function:${named(name)}`;
      return [
        {
          id: `functions.${name}.schedule`,
          group,
          tried: `${name} is woken at ${expression}`,
          look: async () =>
            judgeSchedule(await reader.schedule(named(name)), { expression, targetArn }, remedies),
        },
      ];
    }
    case "http":
    case "invoke":
      return [];
  }
}
