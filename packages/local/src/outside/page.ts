import { html, raw } from "hono/html";

export type Markup = ReturnType<typeof html>;

const style = `
:root { color-scheme: light dark; --ink: #16181d; --soft: #545b66; --paper: #fff; --ground: #f3f4f6; --line: #c9ced6; --link: #0b4f9e; }
@media (prefers-color-scheme: dark) { :root { --ink: #eceef1; --soft: #aeb6c2; --paper: #1b1e24; --ground: #101216; --line: #3a414c; --link: #93c5fd; } }
* { box-sizing: border-box; }
body { margin: 0; padding: clamp(1rem, 5vw, 3rem) 1rem; background: var(--ground); color: var(--ink); font: 1rem/1.55 system-ui, sans-serif; }
main { max-width: 46rem; margin: 0 auto; }
h1 { margin: 0 0 .5rem; font-size: clamp(1.5rem, 5vw, 1.875rem); line-height: 1.2; }
h2 { margin: 0 0 .25rem; font-size: 1.0625rem; }
a { color: var(--link); overflow-wrap: anywhere; }
.soft { color: var(--soft); }
article { margin: 1.25rem 0; padding: 1.25rem; background: var(--paper); border: 1px solid var(--line); border-radius: .75rem; overflow-wrap: anywhere; }
article > dl { margin-top: 0; }
article p { margin: .75rem 0 0; white-space: pre-line; }
dl { display: grid; grid-template-columns: minmax(6rem, max-content) 1fr; gap: .375rem 1.25rem; margin: 1rem 0 0; }
dt { color: var(--soft); } dd { margin: 0; overflow-wrap: anywhere; }
`;

/** The frame of the local world's own pages. */
export const page = (title: string, body: Markup): Markup =>
  html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title}</title>
        <style>
          ${raw(style)}
        </style>
      </head>
      <body>
        <main>${body}</main>
      </body>
    </html>`;
