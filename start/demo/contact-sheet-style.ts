/** The look of the contact sheet. No fonts or scripts from elsewhere: the sheet opens from a folder, offline. */
export const STYLE = `
:root { --ink: #1c1b19; --soft: #6c6861; --line: #e2ded6; --paper: #faf8f4; --card: #fff; --bad: #b3261e; --good: #2c6e49; }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 1240px; padding: clamp(1.25rem, 4vw, 3.5rem) clamp(1rem, 3.5vw, 3rem); background: var(--paper);
  color: var(--ink); font: 16px/1.5 ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
  font-variant-numeric: tabular-nums; }
h1, h2 { font-family: ui-serif, Georgia, "Times New Roman", serif; font-weight: 500; letter-spacing: -0.01em; line-height: 1.15; margin: 0; }
h1 { font-size: clamp(2.2rem, 5vw, 3.4rem); }
h2 { font-size: 1.8rem; text-transform: capitalize; }
h3 { font-size: 1rem; font-weight: 600; margin: 0; overflow-wrap: anywhere; }
.eyebrow, .preset { margin: 0 0 .4rem; color: var(--soft); font-size: .85rem; }
.preset { margin: .2rem 0 0; }
dl, dd, dt, figure, p { margin: 0; }
.summary { display: flex; flex-wrap: wrap; gap: 1rem 2.5rem; margin-top: 1.8rem; padding: 1.1rem 0; border-block: 1px solid var(--line); }
.summary div { display: flex; flex-direction: column-reverse; }
.summary dd { font: 500 1.6rem/1.2 ui-serif, Georgia, serif; }
.summary dt { color: var(--soft); font-size: .82rem; }
section { margin-top: clamp(2.5rem, 6vw, 4.5rem); }
.rule { display: flex; flex-wrap: wrap; gap: .4rem 1.4rem; list-style: none; margin: .9rem 0 0; padding: 0; font-size: .92rem; }
.rule b { font-weight: 600; }
.swatch { display: inline-block; width: .85em; height: .85em; margin-right: .45em; border-radius: 2px; background: var(--c); vertical-align: -.06em; }
.swatch.kept { background: repeating-linear-gradient(135deg, var(--c) 0 2px, transparent 2px 5px); border: 1.5px solid var(--c); }
.swatch.paint { border-radius: 50%; margin: 0 0 0 .3em; box-shadow: inset 0 0 0 1px #0002; }
article { margin-top: 1.4rem; padding: 1.1rem; background: var(--card); border: 1px solid var(--line); border-radius: 10px; }
article.problem { border-color: var(--bad); }
.state { margin-left: .5rem; font-weight: 400; font-size: .85rem; color: var(--good); }
.failed .state, .refused .state, .problem .state { color: var(--bad); }
.note { margin-top: .3rem; font-size: .92rem; color: var(--soft); }
.problem .note { color: var(--bad); }
.pictures { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 290px), 1fr)); gap: .9rem; margin-top: .9rem; }
.pictures img { display: block; width: 100%; height: auto; max-height: 70vh; object-fit: contain; border-radius: 4px; background: #eee; }
figcaption { margin-top: .35rem; font-size: .82rem; color: var(--soft); }
article.set .pictures { grid-template-columns: repeat(auto-fill, minmax(min(100%, 240px), 1fr)); align-items: start; }
.figures { display: flex; flex-wrap: wrap; gap: .6rem 2rem; margin-top: .9rem; font-size: .88rem; }
.figures div:last-child { flex-basis: 100%; }
.figures dt { color: var(--soft); font-size: .78rem; }
footer { margin-top: 3.5rem; padding-top: 1rem; border-top: 1px solid var(--line); color: var(--soft); font-size: .85rem; }
code { font-size: .92em; }
@media print { article { break-inside: avoid; } }
`;
