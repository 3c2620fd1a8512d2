/** A page for people: a burst beyond this is no buyer. Refused requests reach no function. */
const throttling = { throttlingRateLimit: 10, throttlingBurstLimit: 20 };

/** No address and no user agent: personal data stays out of the logs. The token travels in the body, which no log shows. */
const accessLogFormat = JSON.stringify({
  requestTime: "$context.requestTime",
  requestId: "$context.requestId",
  routeKey: "$context.routeKey",
  status: "$context.status",
  responseLatency: "$context.responseLatency",
  integrationError: "$context.integrationErrorMessage",
});

export const api = new sst.aws.ApiGatewayV2("Registration", {
  // AWS Marketplace sends the buyer's browser with a form; no script of another origin has business here.
  cors: false,
  accessLog: { retention: "3 months" },
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

export function serve(routes: readonly string[], target: sst.aws.Function): void {
  for (const route of routes) api.route(route, target.arn);
}
