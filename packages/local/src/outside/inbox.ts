import { Hono } from "hono";
import { html } from "hono/html";
import * as z from "zod";
import { type Markup, page } from "./page.ts";

/** So many mails are kept; older ones are forgotten. */
const mostMails = 200;

const content = z.object({ Data: z.string() });
/** What SES is asked (SES API v2 reference, SendEmail), as far as our sender asks it. */
const sendEmail = z.object({
  FromEmailAddress: z.string(),
  Destination: z.object({ ToAddresses: z.array(z.string()).min(1) }),
  Content: z.object({ Simple: z.object({ Subject: content, Body: z.object({ Text: content }) }) }),
});

interface Mail {
  readonly from: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
}

/** Where mail arrives that would leave for the world: SES's own protocol on one side, a page to read on the other. */
export function inboxRoutes(): Hono {
  const mails: Mail[] = [];
  const routes = new Hono();
  routes.post("/v2/email/outbound-emails", async (context) => {
    const asked = sendEmail.safeParse(await context.req.json<unknown>().catch(() => undefined));
    if (!asked.success)
      return context.json({ message: "the mail lacks a sender, a receiver, a subject or a text" }, 400, {
        "x-amzn-errortype": "BadRequestException",
      });
    const { FromEmailAddress, Destination, Content } = asked.data;
    const { Subject, Body } = Content.Simple;
    const to = Destination.ToAddresses.join(", ");
    mails.unshift({ from: FromEmailAddress, to, subject: Subject.Data, text: Body.Text.Data });
    mails.length = Math.min(mails.length, mostMails);
    return context.json({ MessageId: `local-${mails.length}` });
  });
  routes.get("/", (context) => context.html(page("Inbox", inboxPage(mails))));
  routes.get("/mails", (context) => context.json({ mails }));
  return routes;
}

const inboxPage = (mails: readonly Mail[]): Markup =>
  html`<h1>Inbox</h1>
    <p class="soft">
      Mail that Tollhouse sends arrives here instead of leaving this machine. Reload to see more.
    </p>
    ${
      mails.length === 0
        ? html`<article>No mail yet. A buyer who registers gets one.</article>`
        : mails.map(
            ({ from, to, subject, text }) =>
              html`<article>
                <h2>${subject}</h2>
                <div class="soft">to ${to}, from ${from}</div>
                <p>${withLinks(text)}</p>
              </article>`,
          )
    }`;

/** A text in which addresses can be followed. */
const withLinks = (text: string): (string | Markup)[] =>
  text
    .trim()
    .split(/(https?:\/\/[^\s]+)/)
    .map((part, index) => (index % 2 === 1 ? html`<a href="${part}">${part}</a>` : part));
