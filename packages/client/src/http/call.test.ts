import { expect, test } from "vitest";
import { call } from "./call.ts";

const request = { method: "GET", url: "http://door.example.com/access", headers: {} } as const;
const neverSent = () => Promise.reject(new Error("was sent"));

test("whoever signs and gets no credentials is not waited for longer than for an answer", async () => {
  const door = { sign: () => new Promise<never>(() => undefined), timeoutMs: 20, fetch: neverSent };
  await expect(call(request, door, 0)).rejects.toMatchObject({ name: "TimeoutError" });
});

test("what was called off before it began is neither signed nor sent", async () => {
  const signed: string[] = [];
  const sign = ({ url }: { url: string }) => {
    signed.push(url);
    return new Promise<never>(() => undefined);
  };
  const door = { sign, timeoutMs: 60_000, fetch: neverSent };
  const calledOff = AbortSignal.abort(new Error("called off"));
  await expect(call(request, door, 0, calledOff)).rejects.toThrow("called off");
  expect(signed).toEqual([]);
});
