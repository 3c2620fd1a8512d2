import * as z from "zod";
import { safeAddress, text } from "./field.ts";

const colour = z.string().regex(/^#[0-9a-fA-F]{6}$/, "is no colour: write it like #0b5cad");

/** AWS Marketplace's console shows a listing's texts in English, and its review wants an English page. */
const paragraph = text.max(1_000, "is longer than 1,000 characters: a buyer reads one paragraph");

/** How the page looks. Its layout is the same for all. */
const brand = z.strictObject({
  /** Shown above the title, at most 48 pixels high. Served by you: the page loads it from there and nothing else. */
  logoUrl: safeAddress.optional(),
  /** Of the button that goes on to the product; the text on it is black or white, whichever is easier to read. */
  accentColor: colour.default("#14532d"),
  /** The same for people who have chosen a dark screen. */
  accentColorDark: colour.default("#86efac"),
});

/** What the page says beside what it must say; plain text. */
const texts = z.strictObject({
  /** Under the title of a page that somebody opens without coming from AWS Marketplace. */
  welcome: paragraph.optional(),
  /** What happens next, for a buyer who has registered; also in the mail. */
  nextSteps: paragraph.optional(),
});

/** The page to which AWS Marketplace sends buyers, and the mail that confirms. */
export const registrationPage = z.strictObject({
  sellerName: text
    .max(100, "is longer than 100 characters")
    .regex(/^\P{Cc}*$/u, "holds a line break or another control character: it is a mail's subject, too"),
  supportContact: z.email({
    error: "is no e-mail address: AWS's review wants a support contact on the page",
  }),
  /** Where a registered buyer is handed to, by a POST with a signed token that says who it is. */
  continueUrl: safeAddress,
  /** Where a buyer logs in who has an account already, with the same token. Left out: the same place. */
  loginUrl: safeAddress.optional(),
  /** Sends the mail that confirms a registration through Amazon SES. Left out, none is sent; AWS's review asks for one. */
  mail: z
    .strictObject({
      /** An address that SES may send from: it, or its domain, is a verified identity in us-east-1. */
      from: z.email({
        error: "is no e-mail address: the one that SES sends from, e.g. no-reply@example.com",
      }),
    })
    .optional(),
  brand: brand.prefault({}),
  texts: texts.prefault({}),
});
