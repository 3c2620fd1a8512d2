import type { Context } from "hono";
import { html } from "hono/html";
import { done, isDone } from "./done.ts";
import { policy } from "./guard.ts";
import { layout, type Page, type Said } from "./layout.ts";
import type { Shop } from "./shop.ts";

/** Why an action was refused. */
export interface Outcome {
  readonly refused: string;
  readonly status: 400 | 404 | 409;
}

/** Answers with a page; after a refusal with the refusal's status, and with its sentence on top. */
export function show(
  { world }: Shop,
  context: Context,
  { outcome, ...page }: Omit<Page, "said"> & { readonly outcome?: Outcome | undefined },
): Response | Promise<Response> {
  context.header("content-security-policy", policy());
  const said =
    outcome === undefined ? doneBefore(context) : ({ tone: "bad", text: outcome.refused } as const);
  return context.html(layout({ ...page, said }, world.clock.read()), outcome?.status ?? 200);
}

const doneField = "done";

/** Leads to a page that can be loaded again without doing it again, and says there what was done. */
export const afterwards = (context: Context, path: string, what: keyof typeof done): Response =>
  context.redirect(`${path}?${doneField}=${what}`, 303);

/** Sentences of our own alone: an address that somebody sends around cannot put words on the page. */
function doneBefore(context: Context): Said | undefined {
  const what = context.req.query(doneField);
  return what !== undefined && isDone(what) ? { tone: "good", text: done[what] } : undefined;
}

/** For an address that leads nowhere, or no longer. */
export function nothingHere({ world }: Shop, context: Context): Response | Promise<Response> {
  context.header("content-security-policy", policy());
  const page = { title: "Nothing here", section: "Listings", path: "/storefront" } as const;
  const body = html`<h1>There is nothing here</h1>
    <p>
      What you look for may be gone with the simulator's state. <a href="/storefront">See what is sold</a>.
    </p>`;
  return context.html(layout({ ...page, body }, world.clock.read()), 404);
}
