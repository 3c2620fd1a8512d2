import { createHash } from "node:crypto";

/**
 * The page's scripts. Each page is whole without them; the policy allows them by their hashes and nothing else. No name of the page's
 * own is in them but ids, classes and field names of `registered-page.ts` and `message-page.ts`.
 */
export const scripts = {
  /** Posts the page's one form, after a pause or at once. */
  submitSoon: `setTimeout(() => document.forms[0].submit(), 5000);`,
  submitNow: `document.forms[0].submit();`,
  /** Asks how the subscription stands: often in the first two minutes, then less and less. */
  askStanding: `(() => {
  const form = document.forms[0], standing = document.querySelector(".standing"), said = standing.querySelector("span"), title = document.querySelector("h1");
  let asked = 0;
  const later = () => setTimeout(ask, asked < 24 ? 5000 : asked < 64 ? 15000 : 60000);
  const show = (next) => {
    for (const [name, value] of Object.entries(next.fields)) if (form.elements[name]) form.elements[name].value = value;
    if (said.textContent !== next.text) said.textContent = next.text;
    if (title.textContent !== next.title) { title.textContent = next.title; document.title = next.documentTitle; }
    standing.className = "standing " + next.tone;
  };
  const ask = async () => {
    asked += 1;
    try {
      const fields = new URLSearchParams();
      for (const each of form.querySelectorAll("input[type=hidden]")) fields.set(each.name, each.value);
      const answer = await fetch("/register/status", { method: "POST", body: fields, signal: AbortSignal.timeout(30000) });
      if (answer.status === 400) return;
      if (answer.ok) { const next = await answer.json(); show(next); if (next.settled) return; }
    } catch {}
    later();
  };
  if (standing.dataset.settled !== "true") later();
})();`,
};

export type ScriptName = keyof typeof scripts;

export const hashOf = (name: ScriptName): `'sha256-${string}'` =>
  `'sha256-${createHash("sha256").update(scripts[name]).digest("base64")}'`;
