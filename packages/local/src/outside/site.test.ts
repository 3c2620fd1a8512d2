import { expect, test } from "vitest";
import { outsideSite } from "./site.ts";

const origin = "http://127.0.0.1:7409";

function world() {
  const site = outsideSite();
  const get = (path: string, host = "127.0.0.1:7409") =>
    site.request(`${origin}${path}`, { headers: { host } });
  const post = (path: string, body: string | URLSearchParams) =>
    site.request(`${origin}${path}`, { method: "POST", headers: { host: "127.0.0.1:7409" }, body });
  const send = (subject: string, text: string) =>
    post(
      "/v2/email/outbound-emails",
      JSON.stringify({
        FromEmailAddress: "no-reply@example.com",
        Destination: { ToAddresses: ["jane@example.com"] },
        Content: { Simple: { Subject: { Data: subject }, Body: { Text: { Data: text } } } },
      }),
    );
  return { get, post, send };
}

test("a mail arrives, is shown as text, and its links can be followed", async () => {
  const { get, send } = world();
  const sent = await send("Hello <script>", "See http://127.0.0.1:7400/register/confirm?a=1&b=2 <b>now</b>");
  expect(await sent.json()).toHaveProperty("MessageId");
  const html = await (await get("/")).text();
  expect(html).toContain("Hello &lt;script&gt;");
  expect(html).toContain('href="http://127.0.0.1:7400/register/confirm?a=1&amp;b=2"');
  expect(html).not.toContain("<b>now");
  expect(await (await get("/mails")).json()).toMatchObject({ mails: [{ to: "jane@example.com" }] });
});

test("what is no mail is refused as SES would", async () => {
  const { post, get } = world();
  const response = await post("/v2/email/outbound-emails", "{}");
  expect([response.status, response.headers.get("x-amzn-errortype")]).toEqual([400, "BadRequestException"]);
  expect(await (await get("/mails")).json()).toEqual({ mails: [] });
});

test("a page elsewhere reads no mail through a name of its own", async () => {
  const { get, send } = world();
  await send("Hello", "Secret");
  for (const path of ["/", "/mails", "/product/welcome"])
    expect((await get(path, "evil.example.com")).status).toBe(403);
});

test("in the product's place a token is shown claim by claim, and what is none does no harm", async () => {
  const { post } = world();
  const claims = Buffer.from(JSON.stringify({ sub: "cus-1", email: "<i>x" })).toString("base64url");
  const shown = await (
    await post("/product/welcome", new URLSearchParams({ "tollhouse-token": `a.${claims}.c` }))
  ).text();
  expect(shown).toContain("cus-1");
  expect(shown).toContain("&lt;i&gt;x");
  for (const token of ["", "a", "a.b.c", `a.${Buffer.from("7").toString("base64url")}.c`])
    expect((await post("/product/login", new URLSearchParams({ "tollhouse-token": token }))).status).toBe(
      200,
    );
});
