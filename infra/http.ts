import type { Callers } from "@tollhouse/functions/manifest";
import { settingsOf } from "./stage";

/** No address and no user agent: personal data stays out of the logs. The token travels in the body, which no log shows. */
const accessLogFormat = JSON.stringify({
  requestTime: "$context.requestTime",
  requestId: "$context.requestId",
  routeKey: "$context.routeKey",
  status: "$context.status",
  responseLatency: "$context.responseLatency",
  integrationError: "$context.integrationErrorMessage",
});

/**
 * What is refused here reaches no function. How large a body may be cannot be set: API Gateway takes 10 MB and Lambda 6. The doors
 * refuse more than they need themselves: `maxFormBytes` of registration, `maxBodyBytes` of webhook and collector.
 */
type Throttling = { throttlingRateLimit: number; throttlingBurstLimit: number };

const makeApi = (name: string, throttling: Throttling) =>
  new sst.aws.ApiGatewayV2(name, {
    // AWS Marketplace sends the buyer's browser with a form, and services have no browser: no script of another origin has business here.
    cors: false,
    accessLog: { retention: settingsOf($app.stage).logRetention },
    transform: {
      stage: (stage) => {
        stage.defaultRouteSettings = throttling;
        stage.accessLogSettings = $resolve([stage.accessLogSettings!]).apply(([{ destinationArn }]) => ({
          destinationArn,
          format: accessLogFormat,
        }));
      },
    },
  });

/** For people, whose open pages ask every few seconds how the subscription stands, and for SNS: a burst beyond this is no buyer. */
export const registrationApi = makeApi("Registration", {
  throttlingRateLimit: 50,
  throttlingBurstLimit: 100,
});

/** What is put into the listing: AWS Marketplace sends buyers there. */
export const registrationUrl = $interpolate`${registrationApi.url}/register`;

/**
 * For the seller's services, apart so that neither takes the other's share. A request may hold 10,000 events; who may use what is
 * kept by those who ask (packages/client).
 */
export const usageApi = makeApi("UsageHttp", { throttlingRateLimit: 100, throttlingBurstLimit: 200 });

export function serve(routes: readonly string[], callers: Callers, target: sst.aws.Function): void {
  for (const route of routes) {
    if (callers === "signed") usageApi.route(route, target.arn, { auth: { iam: true } });
    else registrationApi.route(route, target.arn);
  }
}
