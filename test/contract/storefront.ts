import { request } from "node:http";
import { startWorld } from "./simulator-world.ts";

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

/** A simulator in this process, with its storefront as a browser without scripts has it. */
export async function startStorefront(change: Parameters<typeof startWorld>[1] = {}) {
  const world = await startWorld("http://127.0.0.1:9", change);
  const { host, origin } = new URL(world.url);
  /** Over a plain socket: a browser's client would not let a test say what it is, or whom it calls. */
  const send = (method: string, path: string, headers: Record<string, string>, body = ""): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const sent = request(`${world.url}${path}`, { method, headers: { host, ...headers } }, (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (part: string) => (text += part));
        response.on("end", () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text }),
        );
      });
      sent.on("error", reject);
      sent.end(body);
    });
  const form = (fields: Record<string, string>) => new URLSearchParams(fields).toString();
  const formHeaders = { "content-type": "application/x-www-form-urlencoded" };
  return {
    ...world,
    origin,
    get: (path: string, headers: Record<string, string> = {}) => send("GET", `/storefront${path}`, headers),
    /** As a page of the storefront posts its forms. */
    post: (path: string, fields: Record<string, string> = {}, headers: Record<string, string> = { origin }) =>
      send("POST", `/storefront${path}`, { ...formHeaders, ...headers }, form(fields)),
    send,
  };
}
export type Storefront = Awaited<ReturnType<typeof startStorefront>>;

/** What a buyer fills in at least. */
export const filledIn = { buyerAccountId: "700000000123", offer: "public" };
