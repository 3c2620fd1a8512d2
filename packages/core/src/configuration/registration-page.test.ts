import { describe, expect, test } from "vitest";
import { ConfigurationError, defineConfiguration } from "./configuration.ts";

/** What is wrong with a page that has these fields beside the ones that it must have. */
function problemsOf(page: object): readonly string[] {
  try {
    defineConfiguration({
      name: "tollhouse",
      seller: { accountId: "111122223333", assumeRole: { externalId: "0123456789abcdef" } },
      production: { accountId: "444455556666" },
      products: [
        {
          code: "n0123examplemailer0000000",
          title: "Example Mailer",
          generation: "sns",
          pricing: "subscription",
          dimensions: [{ key: "emails_sent", kind: "metered" }],
        },
      ],
      registrationPage: {
        sellerName: "Example Software",
        supportContact: "support@example.com",
        continueUrl: "https://app.example.com/welcome",
        ...page,
      },
    });
    return [];
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems;
    throw error;
  }
}

describe("the registration page", () => {
  test.each<[string, object]>([
    ["nothing more", {}],
    ["a product on this machine", { continueUrl: "http://localhost:3000/welcome" }],
    ["a query in the address", { loginUrl: "https://app.example.com/login?from=aws" }],
    ["a sender, a brand and words", { mail: { from: "no-reply@example.com" }, texts: { welcome: "Hello." } }],
  ])("may have %s", (_, page) => {
    expect(problemsOf(page)).toEqual([]);
  });

  test.each<[string, object, string, RegExp]>([
    [
      "a page that others can read along",
      { continueUrl: "http://app.example.com" },
      "continueUrl",
      /over TLS/,
    ],
    [
      "a page that only looks like this machine",
      { continueUrl: "http://localhost.example.com/" },
      "continueUrl",
      /over TLS/,
    ],
    [
      "an address that splits the browser's policy",
      { loginUrl: "https://app.example.com/a;b" },
      "loginUrl",
      /semicolon/,
    ],
    [
      "a logo that would be mixed content",
      { brand: { logoUrl: "http://cdn.example.com/logo.svg" } },
      "brand.logoUrl",
      /over TLS/,
    ],
    [
      "a colour that is more than one",
      { brand: { accentColor: "#fff;} body{display:none" } },
      "brand.accentColor",
      /no colour/,
    ],
    [
      "a seller's name of two lines",
      { sellerName: "Example\nBcc: x@example.com" },
      "sellerName",
      /line break/,
    ],
    ["a sender that is no address", { mail: { from: "Example <no-reply@example.com>" } }, "mail.from", /SES/],
    ["an empty sentence", { texts: { nextSteps: " " } }, "texts.nextSteps", /fill it in/],
    [
      "a sentence that is a book",
      { texts: { welcome: "x".repeat(1_001) } },
      "texts.welcome",
      /one paragraph/,
    ],
  ])("with %s is refused, naming the field and the remedy", (_, page, field, remedy) => {
    const problems = problemsOf(page);
    expect(problems).toHaveLength(1);
    expect(problems[0]?.split(": ")[0]).toBe(`registrationPage.${field}`);
    expect(problems[0]).toMatch(remedy);
  });
});
