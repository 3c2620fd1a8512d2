import type { Configuration } from "@tollhouse/core/configuration/configuration";
import type { Places } from "./places.ts";

/** What a buyer, the seller's product and time itself do, as commands that need nothing but a shell and curl. */
export function steps({ products }: Configuration, world: Places): readonly (readonly string[])[] {
  const metered = products.flatMap(({ code, generation, dimensions }) =>
    dimensions
      .filter(({ kind }) => kind === "metered")
      .map(({ key }) => ({ code, generation, dimension: key })),
  );
  const code = metered[0]?.code ?? products[0]?.code ?? "";
  const simulator = `${world.simulatorUrl}/_simulator`;
  const json = "-H 'content-type: application/json'";
  // Another buyer each time, so that the steps can be tried again.
  const subscribe = `{"productCode":"${code}","buyerAccountId":"77'$(date +%s)'"}`;
  return [
    [
      "A buyer subscribes",
      `field() { sed "s/.*\\"$1\\":\\"\\([^\\"]*\\)\\".*/\\1/"; }`,
      `agreement=$(curl -s ${simulator}/agreements ${json} -d '${subscribe}'); echo "$agreement"`,
    ],
    [
      "AWS Marketplace sends the buyer's browser to register",
      `token=$(echo "$agreement" | field registrationToken)`,
      `curl -s ${world.registrationUrl} --data-urlencode "x-amzn-marketplace-token=$token" | grep '<h1>'`,
    ],
    [
      "Two minutes pass; AWS's notifications arrive",
      `curl -sw '\\n' ${simulator}/clock ${json} -d '{"advanceSeconds":120}'`,
    ],
    ...metered.slice(0, 1).flatMap(({ generation, dimension }) => [
      [
        "The product is used: its services report a usage event of 12 units",
        generation === "sns"
          ? `subject=${code}/$(echo "$agreement" | field customerIdentifier)`
          : `subject=$(echo "$agreement" | field licenseArn)`,
        `now=$(curl -s ${simulator}/clock | field now)`,
        `event=$(printf '${event(dimension)}' "$(date +%s)" "$subject" "$now")`,
        `curl -sw '\\n' ${world.usageUrl} ${json} -d "$event"`,
      ],
      [
        "Two hours pass at once, then a minute each second; the hour is sealed and metered",
        // The meter runs every five minutes: usage that was not yet taken at the jump is metered by its next run.
        `curl -sw '\\n' ${simulator}/clock ${json} -d '{"advanceSeconds":7200,"rate":60}'`,
      ],
      ["The bill, some seconds later", `curl -sw '\\n' ${simulator}/bill`],
    ]),
  ];
}

/** A usage event with places for its id, subject and time. */
const event = (dimension: string): string =>
  JSON.stringify({
    ...{ specversion: "1.0", id: "%s", source: "my-product", type: "usage", subject: "%s", time: "%s" },
    data: { dimension, quantity: "12" },
  });
