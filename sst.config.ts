/// <reference path="./.sst/platform/config.d.ts" />

// SST refuses top-level imports here, so everything is imported where it is used.
export default $config({
  async app({ stage }) {
    const { isPermanent } = await import("./infra/stage");
    // SST tells nobody what is thrown here. What is wrong with the configuration or the stage, `run` throws, and SST shows it.
    const name = await import("./infra/configuration").then(
      ({ configuration }) => configuration.name,
      () => "tollhouse",
    );
    return {
      name,
      home: "aws",
      removal: isPermanent(stage) ? "retain" : "remove",
      protect: isPermanent(stage),
      // Marketplace's events exist only in us-east-1, and EventBridge reaches another account's queue only in its own Region.
      providers: { aws: { version: "7.20.0", region: "us-east-1" } },
    };
  },

  async run() {
    const { checkStage } = await import("./infra/stage");
    checkStage($app.stage);
    const { refuseForeignAccount } = await import("./infra/account");
    await refuseForeignAccount();
    await import("./infra/notification");
    await import("./infra/usage-source");
    await import("./infra/lifecycle");
    await import("./infra/metering");
    await import("./infra/watch");
    await import("./infra/doctor");
    const { outputs } = await import("./infra/output");
    return outputs;
  },
});
