import { html } from "hono/html";
import type { ClockReading } from "../clock.ts";
import { jumps, speeds } from "./clock-change.ts";
import { amount, type Html, moment } from "./wording.ts";

/** The simulated time, and what moves it; on every page. `back` is where a press leads to. */
export const clockBar = (reading: ClockReading, back: string): Html =>
  html`<section class="clock" aria-labelledby="clock-title">
    <div class="inner">
      <h2 id="clock-title">Simulated time <span class="quiet">UTC</span></h2>
      <p class="now" data-live="clock">${moment(reading.nowMs)} <span class="pace">${pace(reading)}</span></p>
      <form method="post" action="/storefront/clock">
        <input type="hidden" name="back" value="${back}" />
        <div class="segments" role="group" aria-label="Speed of time">
          ${Object.entries(speeds).map(([name, { label, title, change }]) => {
            const pressed = change(reading).rate === reading.rate;
            return html`<button name="go" value="${name}" title="${title}" aria-pressed="${String(pressed)}">
              ${label}
            </button>`;
          })}
        </div>
        <div class="segments" role="group" aria-label="Jump ahead; time never goes back">
          ${Object.entries(jumps).map(
            ([name, { label, title }]) =>
              html`<button name="go" value="${name}" title="${title}">${label}</button>`,
          )}
        </div>
      </form>
    </div>
  </section>`;

function pace({ rate }: ClockReading): string {
  if (rate === 0) return "stands still";
  return rate === 1 ? "runs with the world" : `${amount(rate)} times as fast as the world`;
}
