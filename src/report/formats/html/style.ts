/** Of every page: readable dark and light, on a telephone, and printed. */
export const style = `
:root { color-scheme: light dark;
  --paper: light-dark(#fff, #14171a); --ink: light-dark(#1b1f24, #e4e7ea); --dim: light-dark(#59636e, #9aa4af);
  --line: light-dark(#d5dae0, #363d45); --card: light-dark(#f6f8fa, #1c2126); --code: light-dark(#eceff2, #0d1013);
  --error: light-dark(#b3261e, #ff8a80); --warning: light-dark(#8a5a00, #ffc66d); --info: light-dark(#0b5cad, #7cc0ff);
  --unknown: light-dark(#7b2d8b, #e0a0f0); --ok: light-dark(#1a7f37, #6fd58b); }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 78rem; padding: 1.2rem; background: var(--paper); color: var(--ink);
  font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.35rem; line-height: 1.35; margin: 0 0 .3rem; } h2 { font-size: 1.1rem; margin: 1.8rem 0 .5rem; }
h3 { font-size: 1rem; margin: 0; } p { margin: .35rem 0; } ul, ol { margin: .35rem 0; padding-left: 1.4rem; }
header { border-left: .4rem solid var(--dim); padding: .2rem 0 .2rem .9rem; }
header.fail, header.error, header.different { border-color: var(--error); }
header.pass, header.same { border-color: var(--ok); }
header.unknown, header.interrupted { border-color: var(--unknown); }
.dim { color: var(--dim); } .error { color: var(--error); } .warning { color: var(--warning); }
.info { color: var(--info); } .unknown { color: var(--unknown); } .ok { color: var(--ok); } .skipped { color: var(--dim); }
.code { float: right; font: .85rem ui-monospace, monospace; color: var(--dim); margin-left: 1rem; }
article, .card { background: var(--card); border: 1px solid var(--line); border-left: .3rem solid var(--dim);
  border-radius: .35rem; padding: .7rem .9rem; margin: .7rem 0; }
article:is(.error, .warning, .info, .unknown, .ok, .skipped) { color: var(--ink); }
article.ok { border-left-color: var(--ok); }
article.error { border-left-color: var(--error); } article.warning { border-left-color: var(--warning); }
article.info { border-left-color: var(--info); } article.unknown { border-left-color: var(--unknown); }
pre { background: var(--code); border-radius: .3rem; padding: .5rem .7rem; margin: .35rem 0; white-space: pre-wrap;
  overflow-wrap: anywhere; font: .82rem/1.45 ui-monospace, monospace; }
pre .decides { font-weight: 700; } del, ins { text-decoration: none; } del { color: var(--error); } ins { color: var(--ok); }
.tall { overflow-x: auto; }
.sides { display: grid; grid-template-columns: 1fr 1fr; gap: .2rem .8rem; } .sides > div { min-width: 0; }
@media (max-width: 50rem) { .sides { grid-template-columns: 1fr; } }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem .9rem; margin: .35rem 0; } dt { color: var(--dim); }
dd { margin: 0; overflow-wrap: anywhere; }
table { border-collapse: collapse; margin: .4rem 0; font-size: .9rem; }
th, td { border: 1px solid var(--line); padding: .25rem .55rem; text-align: left; vertical-align: top; overflow-wrap: anywhere; }
h1, h3, p, li, summary { overflow-wrap: anywhere; } thead th { background: var(--card); overflow-wrap: normal; } .matrix td { text-align: center; font-weight: 700; }
.matrix td:first-child { text-align: left; } .matrix em { font-style: normal; color: var(--dim); }
summary { cursor: pointer; } details > summary { padding: .15rem 0; }
form { display: flex; flex-wrap: wrap; gap: .4rem 1rem; align-items: center; margin: 1rem 0; }
form[hidden] { display: none; }
input[type=search] { font: inherit; padding: .25rem .5rem; min-width: 16rem; color: inherit; background: var(--card);
  border: 1px solid var(--line); border-radius: .3rem; }
footer { margin: 2rem 0 0; border-top: 1px solid var(--line); padding-top: .5rem; }
th:first-child, td:first-child { min-width: 6.5em; }
@media print { body { max-width: none; font-size: 11px; padding: 0; } form { display: none; }
  h2, h3, thead { break-after: avoid; } pre, tr { break-inside: avoid; } .tall { overflow: visible; }
  table { font-size: .8em; } th, td { padding: .15rem .3rem; }
  details::details-content { content-visibility: visible; block-size: auto; } }
`;
