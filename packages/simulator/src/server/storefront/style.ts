/** All of the storefront's looks; light and dark, from a telephone's width up. Nothing is loaded from elsewhere. */
export const style = `
:root {
  color-scheme: light dark;
  --page: light-dark(#f5f6f8, #10151b);
  --surface: light-dark(#ffffff, #181f27);
  --raised: light-dark(#eef1f4, #222b36);
  --ink: light-dark(#17202b, #e8edf3);
  --quiet: light-dark(#55616f, #a5b1c0);
  --line: light-dark(#dce1e7, #2d3844);
  --edge: light-dark(#8793a1, #6b7888);
  --accent: light-dark(#0a6464, #56cabd);
  --on-accent: light-dark(#ffffff, #06201e);
  --good: light-dark(#17633a, #7fd6a2);
  --good-tint: light-dark(#e3f4ea, #16301f);
  --warn: light-dark(#7a4b00, #f0c274);
  --warn-tint: light-dark(#fdf1dc, #352a14);
  --bad: light-dark(#a01f2d, #ff9ea6);
  --bad-tint: light-dark(#fde8ea, #3b1a1f);
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--page); color: var(--ink);
  font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", sans-serif;
  -webkit-text-size-adjust: 100%;
}
header, .clock .inner, main, footer { max-width: 72rem; margin-inline: auto; padding-inline: 1.25rem; }
header { display: flex; flex-wrap: wrap; align-items: baseline; gap: .5rem 2rem; padding-block: 1.1rem .6rem; }
.brand { margin: 0; font-size: 1.05rem; white-space: nowrap; }
.brand span { color: var(--quiet); }
nav { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; }
nav a { color: var(--quiet); text-decoration: none; padding-block: .3rem; border-bottom: 2px solid transparent; }
nav a:hover { color: var(--ink); }
nav a[aria-current] { color: var(--ink); border-color: var(--accent); font-weight: 600; }
.skip { position: absolute; left: -100rem; }
.skip:focus { left: 1rem; top: .5rem; background: var(--surface); padding: .5rem 1rem; z-index: 2; }

h1 { font-size: 1.75rem; line-height: 1.2; margin: 1.75rem 0 .5rem; letter-spacing: -.01em; }
h2 { font-size: 1.15rem; line-height: 1.3; margin: 0 0 .5rem; }
h3 { font-size: 1rem; margin: 1.1rem 0 .25rem; }
h4 { font-size: .9rem; margin: 0 0 .35rem; color: var(--quiet); font-weight: 600; }
main > h2 { margin-top: 2rem; }
p { margin: 0 0 .75rem; }
a { color: var(--accent); text-underline-offset: .15em; }
code { font: .9em/1.4 ui-monospace, "Liberation Mono", Menlo, monospace; overflow-wrap: anywhere; }
small { font-size: .85rem; }
.lead { max-width: 46rem; font-size: 1.05rem; color: var(--quiet); margin-bottom: 1.5rem; }
.quiet, td small { color: var(--quiet); }
.quiet { font-weight: 400; font-size: .9rem; }
.number, .quantity, time { font-variant-numeric: tabular-nums; }
.crumb { margin: 1.5rem 0 -1.25rem; }
.empty { color: var(--quiet); padding: 1.25rem; border: 1px dashed var(--line); border-radius: .6rem; }

.card {
  background: var(--surface); border: 1px solid var(--line); border-radius: .75rem; padding: 1.25rem; margin: 0 0 1.25rem;
}
.cards { list-style: none; padding: 0; margin: 0; display: grid; gap: 1.25rem;
  grid-template-columns: repeat(auto-fill, minmax(min(20rem, 100%), 1fr)); }
.cards .card { margin: 0; display: flex; flex-direction: column; }
.cards .card > :last-child { margin-top: auto; margin-bottom: 0; }
.cards .card h3 { margin-top: 0; }
.columns { display: grid; gap: 0 1.25rem; align-items: start; }
@media (min-width: 56rem) {
  .columns { grid-template-columns: 3fr 2fr; }
  .agreement { grid-template-rows: auto 1fr; }
  .agreement .side { grid-column: 2; grid-row: 1 / span 2; }
}
.card > :last-child, .card > div > :last-child, .columns > div > :last-child { margin-bottom: 0; }
.card > h3:first-child { margin-top: 0; }
.chaos { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(20rem, 100%), 1fr)); gap: 0 2rem; }
.columns > .card, .columns > div { margin-bottom: 1.25rem; }
.plain { list-style: none; padding: 0; margin: 0 0 1rem; }
.plain .quiet { white-space: nowrap; }
.chaos small { display: block; }
.stacking + p { margin-top: 1rem; }
.plain li { padding-block: .3rem; border-top: 1px solid var(--line); display: flex; justify-content: space-between; gap: 1rem; }
.facts { margin: 0; display: grid; gap: .1rem; }
.facts dt { color: var(--quiet); font-size: .85rem; margin-top: .5rem; }
.facts dd { margin: 0; }

.tag, .badge { display: inline-block; padding: .1rem .6rem; border-radius: 1rem; font-size: .85rem; white-space: nowrap; }
.tag { background: var(--raised); color: var(--quiet); }
.badge { font-weight: 600; background: var(--raised); color: var(--quiet); }
.good { background: var(--good-tint); color: var(--good); }
.warn { background: var(--warn-tint); color: var(--warn); }
.bad { background: var(--bad-tint); color: var(--bad); }
.said { padding: .75rem 1rem; border-radius: .6rem; margin: 1.25rem 0 0; font-weight: 500; }
.away-notice { display: none; }
.away .away-notice { display: block; }

form { margin: 0; }
.stack { display: grid; gap: 1rem; }
.stack > * { margin: 0; }
.row { display: flex; flex-wrap: wrap; gap: .75rem 1rem; align-items: flex-start; }
.row .field { flex: 1 1 12rem; }
fieldset:has([value=public]:checked) .private { display: none; }
.private { margin-left: 1.65rem; }
.hidden { position: absolute; clip-path: inset(50%); width: 1px; height: 1px; overflow: hidden; }
.stack > fieldset:first-child { border: 0; padding: 0; }
fieldset { position: relative; border: 0; border-top: 1px solid var(--line); padding: .9rem 0 0; display: grid; gap: .6rem; min-width: 0; }
legend { float: left; padding: 0; font-weight: 600; width: 100%; margin-bottom: .25rem; }
.field { display: grid; gap: .25rem; align-content: start; min-width: 0; }
.field label { font-size: .9rem; font-weight: 500; }
.field small, .box small { color: var(--quiet); }
.box { display: flex; gap: .6rem; align-items: baseline; }
.box small { display: block; }
input:not([type=radio], [type=checkbox]), select {
  font: inherit; color: inherit; background: var(--surface); border: 1px solid var(--edge); border-radius: .45rem;
  padding: .45rem .6rem; width: 100%; min-height: 2.6rem;
}
input[type=radio], input[type=checkbox] { accent-color: var(--accent); width: 1.05rem; height: 1.05rem; flex: none;
  position: relative; top: .15rem; margin: 0; }
button, .button {
  font: inherit; font-weight: 500; color: inherit; background: var(--surface); border: 1px solid var(--edge);
  border-radius: .45rem; padding: .45rem .9rem; min-height: 2.6rem; cursor: pointer; text-decoration: none; display: inline-block;
}
button:hover, .button:hover { background: var(--raised); }
.primary { background: var(--accent); border-color: var(--accent); color: var(--on-accent); }
.primary:hover { background: color-mix(in srgb, var(--accent) 88%, var(--ink)); }
.danger { color: var(--bad); border-color: currentColor; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
summary { cursor: pointer; color: var(--accent); padding-block: .25rem; }
details[open] summary { margin-bottom: .75rem; }
.choices { list-style: none; margin: 0; padding: 0; display: grid; gap: .75rem; }
.choices li { display: grid; gap: .35rem 1rem; align-items: center; }
@media (min-width: 32rem) { .choices li { grid-template-columns: 13.5rem 1fr; } }
.faults { list-style: none; margin: 0; padding: 0; }
.faults li { border-top: 1px solid var(--line); padding-block: .9rem; display: grid; gap: .6rem 2rem; align-items: end; }
.faults li:last-child { padding-bottom: 0; }
.faults h4 { color: inherit; font-size: 1rem; margin: 0; }
.faults p { margin: 0; color: var(--quiet); max-width: 36rem; }
.faults form { display: flex; flex-wrap: wrap; gap: .5rem; align-items: end; }
.faults .field { flex: 1 1 11rem; }
.faults .times { flex: 0 0 5rem; }
@media (min-width: 56rem) {
  .faults li { grid-template-columns: 1fr auto; align-items: center; }
  .faults form { width: 31rem; justify-content: end; }
  .faults .field:not(.times) { flex-basis: 8rem; }
}

.clock { background: var(--surface); border-block: 1px solid var(--line); }
.clock .inner { display: grid; gap: .4rem 2rem; padding-block: .9rem; align-items: center; }
.clock h2 { font-size: .85rem; margin: 0; color: var(--quiet); font-weight: 600; }
.clock .now { margin: 0; font-size: 1.35rem; font-weight: 600; line-height: 1.3; font-variant-numeric: tabular-nums; }
.clock .pace { display: block; font-size: .9rem; font-weight: 400; color: var(--quiet); }
.clock form { display: flex; flex-wrap: wrap; gap: .5rem .75rem; }
.segments { display: flex; flex-wrap: wrap; gap: .35rem; }
.segments button { min-height: 2.25rem; padding: .25rem .7rem; font-size: .9rem; }
.segments button[aria-pressed=true] { background: var(--ink); color: var(--page); border-color: var(--ink); }
@media (min-width: 64rem) {
  .clock .inner { grid-template-columns: 1fr auto; gap: 0 2rem; }
  .clock h2, .clock .now { grid-column: 1; }
  .clock form { grid-column: 2; grid-row: 1 / span 2; }
}

table { width: 100%; border-collapse: collapse; font-size: .95rem; }
th { text-align: left; font-size: .85rem; color: var(--quiet); font-weight: 600; padding: .4rem .75rem .4rem 0; }
td { border-top: 1px solid var(--line); padding: .6rem .75rem .6rem 0; vertical-align: top; }
td small { display: block; }
td:last-child { padding-right: 0; }
thead td { border: 0; }
table + .row, [data-live=faults] { margin-bottom: 1rem; }
.act { text-align: right; }
main > div > table { background: var(--surface); border: 1px solid var(--line); border-radius: .75rem;
  border-collapse: separate; border-spacing: 0; padding: .5rem 1.25rem; }
@media (max-width: 44rem) {
  .stacking, .stacking tbody, .stacking tr, .stacking td { display: block; }
  .stacking thead { position: absolute; clip-path: inset(50%); width: 1px; height: 1px; overflow: hidden; }
  .stacking tr { border-top: 1px solid var(--line); padding-block: .6rem; }
  .stacking tr:first-child { border-top: 0; }
  .stacking td { border: 0; padding: .15rem 0; display: grid; grid-template-columns: 6.5rem 1fr; gap: 0 .75rem; }
  .stacking td::before { content: attr(data-label); color: var(--quiet); font-size: .85rem; }
  .stacking td > * { grid-column: 2; justify-self: start; min-width: 0; overflow-wrap: anywhere; }
  .stacking .act { text-align: left; }
  .stacking .act:empty { display: none; }
}

.story { list-style: none; margin: 0 0 .75rem; padding: 0; }
.story li { position: relative; padding: 0 0 .9rem 1.5rem; }
.story li::before { content: ""; position: absolute; left: .2rem; top: .45rem; width: .7rem; height: .7rem;
  border-radius: 50%; border: 2px solid var(--accent); background: var(--accent); }
.story li.ahead::before { background: var(--surface); border-color: var(--edge); }
.story li:not(:last-child)::after { content: ""; position: absolute; left: .58rem; top: 1.35rem; bottom: -.25rem;
  border-left: 2px solid var(--line); }
.story small { display: block; color: var(--quiet); }
.story .ahead span { color: var(--quiet); }

.line { border-top: 1px solid var(--line); padding-block: 1rem; }
.line:last-child { padding-bottom: 0; }
.line h3 { margin-top: 0; }
.quantity { margin: 0; }
.quantity b { font-size: 1.9rem; line-height: 1.2; letter-spacing: -.01em; }
.parts { display: grid; gap: 1.25rem 2.5rem; grid-template-columns: repeat(auto-fit, minmax(min(18rem, 100%), 1fr)); }
.bars { list-style: none; margin: 0; padding: 0; }
.bars li { display: grid; grid-template-columns: minmax(7rem, auto) 1fr auto; gap: 0 .9rem; align-items: center;
  padding-block: .2rem; }
.bars .number { text-align: right; min-width: 3rem; font-weight: 600; grid-column: 3; }
.bars small { display: block; }
meter { width: 100%; height: .6rem; border: 0; border-radius: .3rem; background: var(--raised); appearance: none; }
meter::-webkit-meter-bar { background: var(--raised); border: 0; border-radius: .3rem; height: .6rem; }
meter::-webkit-meter-optimum-value { background: var(--accent); border-radius: .3rem; }
meter::-moz-meter-bar { background: var(--accent); border-radius: .3rem; }

footer { color: var(--quiet); font-size: .85rem; padding-block: 2.5rem; }
.alone { min-height: 100vh; display: grid; place-items: center; padding: 1rem; }
.alone main { max-width: 36rem; width: 100%; }
.alone h1 { margin-top: 0; }
`;
