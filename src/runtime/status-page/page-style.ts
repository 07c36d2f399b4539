/** Of the status page. Every colour stands against its ground with 4.5 to 1 at least, lines and bars with 3 to 1. */
export const PAGE_STYLE = `
:root { color-scheme: light dark; --ground: #ffffff; --raised: #f6f8fa; --text: #1f2328; --quiet: #57606a; --rule: #d0d7de; --link: #0550ae; --good: #1a7f37; --warn: #8a5a00; --bad: #c9252d; --line: #0969da; }
@media (prefers-color-scheme: dark) { :root { --ground: #0d1117; --raised: #161b22; --text: #e6edf3; --quiet: #9da7b3; --rule: #3d444d; --link: #79c0ff; --good: #3fb950; --warn: #e3b341; --bad: #ff7b72; --line: #58a6ff; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 52rem; padding: 1rem; background: var(--ground); color: var(--text); font: 1rem/1.5 system-ui, sans-serif; }
h1 { font-size: 1.5rem; margin: 0; } h2 { font-size: 1.2rem; margin: 0; } h3 { font-size: 1rem; margin: 1.25rem 0 .25rem; }
p { margin: .25rem 0; } a { color: var(--link); }
section { border: 1px solid var(--rule); border-radius: .5rem; padding: 1rem; margin: 1rem 0; }
.quiet, .scale, caption, figcaption, footer { color: var(--quiet); font-size: .875rem; }
.verdict { font-weight: 600; } .healthy { color: var(--good); } .pending, .inconclusive { color: var(--warn); } .firing { color: var(--bad); } .unasked { color: var(--quiet); }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1rem; margin: .75rem 0; } dt { color: var(--quiet); } dd { margin: 0; overflow-wrap: anywhere; }
.wide { overflow-x: auto; } table { border-collapse: collapse; width: 100%; } caption { text-align: left; padding: .25rem 0; }
th, td { text-align: left; padding: .35rem .75rem .35rem 0; border-bottom: 1px solid var(--rule); vertical-align: top; } th { font-weight: 600; } td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
figure { margin: 1rem 0; } td .quiet { display: block; font-size: .75rem; } td.what { min-width: 10rem; } svg { display: block; width: 100%; height: 2.5rem; } svg.times { height: 6rem; overflow: visible; } svg * { vector-effect: non-scaling-stroke; }
.scale { display: flex; justify-content: space-between; font-size: .75rem; }
.line { fill: none; stroke: var(--line); stroke-width: 1.5; } .tick { stroke: var(--bad); stroke-width: 3; } .rule { stroke: var(--rule); }
rect.good { fill: var(--good); } rect.bad { fill: var(--bad); } rect.none { fill: var(--rule); }
summary { cursor: pointer; color: var(--link); padding: .25rem 0; }
footer { margin: 1.5rem 0; }
@media (max-width: 30rem) { dl { grid-template-columns: 1fr; gap: 0; } dd { margin-bottom: .5rem; } }
`;
