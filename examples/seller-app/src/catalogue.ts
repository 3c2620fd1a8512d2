interface Listing {
  readonly title: string;
  /** What people call each dimension. */
  readonly dimensions: Readonly<Record<string, string>>;
}

/** What this app sells: the listings of the repository's `tollhouse.config.ts`. */
const listings: Readonly<Record<string, Listing>> = {
  n0123examplemailer0000000: { title: "Example Mailer", dimensions: { emails_sent: "E-mails sent" } },
  c0456exampleanalytics0000: {
    title: "Example Analytics",
    dimensions: { events_ingested: "Events ingested", gb_stored: "Gigabytes stored" },
  },
  k0789examplevault00000000: { title: "Example Vault", dimensions: {} },
};

export const catalogue = (productCode: string): Listing =>
  listings[productCode] ?? { title: productCode, dimensions: {} };
