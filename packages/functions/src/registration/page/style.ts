import type { RegistrationPage } from "@tollhouse/core/configuration/configuration";

/** The seller's colours are checked to be plain `#rrggbb`, so that nothing else gets into the sheet. */
export const styleOf = ({ brand: { accentColor, accentColorDark } }: RegistrationPage): string => `
:root { color-scheme: light dark; --ink: #16181d; --soft: #545b66; --paper: #ffffff; --ground: #f3f4f6; --line: #c9ced6; --field: #7b8493;
  --accent: ${accentColor}; --on-accent: ${readableOn(accentColor)}; --good: #14692f; --good-ground: #e3f5e8; --wait: #6b4a00; --wait-ground: #fdf2d5;
  --bad: #a01620; --bad-ground: #fdeaea; }
@media (prefers-color-scheme: dark) { :root { --ink: #eceef1; --soft: #aeb6c2; --paper: #1b1e24; --ground: #101216; --line: #3a414c; --field: #8b94a3;
  --accent: ${accentColorDark}; --on-accent: ${readableOn(accentColorDark)}; --good: #8fe3a8; --good-ground: #12301c; --wait: #f5cf7a; --wait-ground: #33290f;
  --bad: #ffaaa8; --bad-ground: #3a1718; } }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: grid; place-items: start center; padding: clamp(1rem, 6vh, 5rem) 1rem; background: var(--ground); color: var(--ink);
  font: 1.0625rem/1.55 system-ui, sans-serif; }
main { width: min(33rem, 100%); padding: clamp(1.5rem, 5vw, 2.5rem); background: var(--paper); border: 1px solid var(--line); border-radius: .875rem; overflow-wrap: break-word; }
.seller { display: flex; align-items: center; gap: .75rem; margin: 0 0 1.75rem; color: var(--soft); font-size: .9375rem; font-weight: 600; }
.seller img { max-height: 48px; max-width: 12rem; }
h1 { margin: 0 0 .75rem; font-size: clamp(1.5rem, 5vw, 1.875rem); line-height: 1.2; letter-spacing: -.01em; text-wrap: balance; }
p { margin: 0 0 1rem; }
a { color: inherit; text-underline-offset: .15em; }
.product { color: var(--soft); }
.standing { display: flex; gap: .75rem; margin: 1.25rem 0; padding: .875rem 1rem; border-radius: .625rem; font-size: 1rem; }
.standing::before { content: ""; flex: none; width: .625rem; height: .625rem; margin-top: .45rem; border-radius: 50%; background: currentColor; }
.waiting { background: var(--wait-ground); color: var(--wait); } .good { background: var(--good-ground); color: var(--good); } .ended { background: var(--bad-ground); color: var(--bad); }
@media (prefers-reduced-motion: no-preference) { .waiting::before { animation: pulse 1.6s ease-in-out infinite; } @keyframes pulse { 50% { opacity: .25; } } }
form { margin: 1.5rem 0 0; }
label { display: block; margin-bottom: .375rem; font-weight: 600; }
input[type=email] { width: 100%; padding: .6875rem .75rem; border: 1px solid var(--field); border-radius: .5rem; background: var(--paper); color: inherit; font: inherit; }
input[aria-invalid=true] { border-color: var(--bad); border-width: 2px; }
.hint { margin: .5rem 0 1.25rem; color: var(--soft); font-size: .9375rem; }
.mistake { margin: .5rem 0 0; color: var(--bad); font-weight: 600; font-size: .9375rem; }
.buttons { display: grid; gap: .75rem; }
button, .button { display: block; width: 100%; padding: .75rem 1.25rem; border: 1px solid var(--field); border-radius: .5rem; background: none; color: inherit;
  font: inherit; font-weight: 600; text-align: center; text-decoration: none; cursor: pointer; }
.first { border-color: var(--accent); background: var(--accent); color: var(--on-accent); }
button:focus-visible, a:focus-visible, input:focus-visible { outline: 3px solid var(--ink); outline-offset: 2px; }
.next { margin-top: 1.5rem; color: var(--soft); }
footer { margin-top: 2rem; padding-top: 1.25rem; border-top: 1px solid var(--line); color: var(--soft); font-size: .9375rem; }
footer p { margin: 0 0 .25rem; }
`;

/** Black or white, whichever has the greater contrast (WCAG 2.2, relative luminance); one of them always has at least 4.5 to 1. */
function readableOn(colour: string): string {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((from) => {
    const share = Number.parseInt(colour.slice(from, from + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  const luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  return 1.05 / (luminance + 0.05) >= (luminance + 0.05) / 0.05 ? "#ffffff" : "#000000";
}
