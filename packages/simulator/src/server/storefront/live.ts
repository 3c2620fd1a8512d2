import { createHash } from "node:crypto";

/** How often what is alive on a page is looked at again, of machine time. */
const everyMs = 1_000;

/**
 * Asks for the page again and takes over the parts that changed, except where somebody is at work with the keyboard.
 * The pages are whole without it.
 */
export const liveScript = `(() => {
  const refresh = async () => {
    if (!document.hidden) {
      try {
        const answer = await fetch(document.body.dataset.refresh);
        if (!answer.ok) throw new Error(answer.statusText);
        const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
        for (const part of document.querySelectorAll("[data-live]")) {
          const next = fresh.querySelector('[data-live="' + part.dataset.live + '"]');
          if (next && next.innerHTML !== part.innerHTML && !part.contains(document.activeElement))
            part.innerHTML = next.innerHTML;
        }
        document.body.classList.remove("away");
      } catch {
        document.body.classList.add("away");
      }
    }
    setTimeout(refresh, ${everyMs});
  };
  setTimeout(refresh, ${everyMs});
})();`;

/** Sends the only form of the page on, as AWS's own page does. */
export const submitScript = "document.forms[0].submit();";

export const hashOf = (text: string): `'sha256-${string}'` =>
  `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
