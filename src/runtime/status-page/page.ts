/** The status page: one file without scripts and external resources. Pure. */
import { canaryTable } from './canaries';
import { dayBars, latencyChart } from './chart';
import { Dora, doraOf, Incident, incidentsOf } from './dora';
import { anchor, Html, html, NOTHING, moment, formatDay } from './html';
import { pageVerdict, PageVerdict, VERDICTS } from './measurements';
import { asBucket, availabilityOf, bucketsOf, bucketsSince, DAY_MS, dayOf, hourOf, latenciesSince, Series, formatShare } from './series';
import { EnvironmentData } from './status-data';
import { formatDuration } from '../../contract/duration-text';
import { wasAway } from '../monitoring/cadence';
import { percentile } from '../probing/observation';

export interface PageEnvironment {
  readonly name: string;
  readonly url: string;
  readonly data: EnvironmentData;
}

export interface PageOptions {
  /** The name of the project. */
  readonly title: string;
  readonly environments: readonly PageEnvironment[];
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** How often it should be written. */
  readonly intervalMs: number;
}

/** How far back the page shows data. */
const SHOWN_DAYS = 30;

export function renderPage(options: PageOptions): string {
  const { environments, intervalMs, now, title } = options;
  const verdict = worst(environments.map((one) => verdictOf(one, options)));
  return `${html`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<title>${title}: ${VERDICTS[verdict]}</title>
<style>${new Html(PAGE_STYLE)}</style>
</head>
<body>
<header>
<h1>${title}</h1>
${verdictLine(verdict, environments.flatMap(({ data, name }) => (data.latest?.firing ?? []).map((check) => `${check} on ${name}`)))}
<p class="quiet">As of ${moment(now)}. It is written about every ${formatDuration(intervalMs, 'seconds')}. If it is much older, the watch does not run.</p>
</header>
<main>
${environments.map((one, i) => environmentSection(one, `environment-${i}`, options))}
${incidentSection(environments.flatMap(({ data, name }) => incidentsOf(name, data, now - SHOWN_DAYS * DAY_MS)), now)}
${doraSection(options)}
</main>
<footer>
<p>Times are in UTC. Written by projen-delivery; the figures are in ${anchorTo('data.json')}.</p>
</footer>
</body>
</html>`.markup}\n`;
}

/** Old results say nothing about the current state. */
export function verdictOf({ data: { latest } }: Pick<PageEnvironment, 'data'>, { intervalMs, now }: Pick<PageOptions, 'intervalMs' | 'now'>): PageVerdict {
  return latest === undefined || wasAway({ intervalMs, gaps: 0, sinceLastMs: now - latest.at }) ? 'unprobed' : pageVerdict(latest);
}

function worst(verdicts: readonly PageVerdict[]): PageVerdict {
  return (['firing', 'pending', 'inconclusive', 'healthy'] as const).find((one) => verdicts.includes(one)) ?? 'unprobed';
}

const SIGNS: Record<PageVerdict, string> = { healthy: '✔', pending: '▲', firing: '✖', inconclusive: '?', unprobed: '–' };

function verdictLine(verdict: PageVerdict, firing: readonly string[] = []): Html {
  return html`<p class="verdict ${verdict}"><span aria-hidden="true">${SIGNS[verdict]}</span> ${VERDICTS[verdict]}${firing.length === 0 ? '' : `: ${firing.join(', ')}`}</p>`;
}

function environmentSection(environment: PageEnvironment, id: string, options: PageOptions): Html {
  const { now } = options;
  const { data, name, url } = environment;
  const days = bucketsOf(bucketsSince(data.overall, dayOf(now) - (SHOWN_DAYS - 1) * DAY_MS), dayOf);
  return html`<section aria-labelledby="${id}">
<h2 id="${id}">${name}</h2>
${verdictLine(verdictOf(environment, options), verdictOf(environment, options) === 'firing' ? data.latest?.firing : [])}
<dl>
<dt>Address</dt><dd>${anchor(url, url)}</dd>
${data.latest?.live ? html`<dt>Live release</dt><dd>${data.latest.live.version}, since ${moment(Date.parse(data.latest.live.since))}</dd>` : NOTHING}
${responseTime(data.overall, now)}
${data.latest ? html`<dt>Last look</dt><dd>${moment(data.latest.at)}</dd>` : NOTHING}
</dl>
${availabilityTable(environment, now)}
${canaryTable(name, data.attempts)}
<figure>
${dayBars({ id: `${id}-days`, title: `Availability of ${name}, each of the last ${SHOWN_DAYS} days`, buckets: days, to: now }, SHOWN_DAYS)}
<figcaption>Availability, each of the last ${SHOWN_DAYS} days</figcaption>
</figure>
<figure>
${latencyChart({ id: `${id}-day`, title: `Response times of ${name}, the last 24 hours`, buckets: data.overall.runs.filter(({ at }) => at >= now - DAY_MS).map(asBucket), from: now - DAY_MS, to: now, gapMs: 3_600_000 })}
<figcaption>Response times, the last 24 hours: the slowest check of each run; a red mark where one was not well</figcaption>
</figure>
<figure>
${latencyChart({ id: `${id}-week`, title: `Response times of ${name}, the last 7 days`, buckets: bucketsOf(bucketsSince(data.overall, now - 7 * DAY_MS), hourOf), from: now - 7 * DAY_MS, to: now, gapMs: 3 * 3_600_000 })}
<figcaption>Response times, the last 7 days: the slowest of each hour</figcaption>
</figure>
${figures(name, days)}
</section>`;
}

function responseTime(overall: Series, now: number): Html {
  const latencies = latenciesSince(overall, now - DAY_MS);
  if (latencies.length === 0) return NOTHING;
  const [median, p95] = [percentile(latencies, 0.5)!, percentile(latencies, 0.95)!];
  return html`<dt>Response time</dt><dd>${formatDuration(median)} median, ${formatDuration(p95)} 95th percentile (of ${latencies.length} in 24 hours)</dd>`;
}

const WINDOWS = [['24 hours', 1], ['7 days', 7], ['30 days', 30]] as const;

function availabilityTable({ data, name }: PageEnvironment, now: number): Html {
  const rows: [string, Series][] = [['all checks', data.overall], ...Object.entries(data.checks)];
  return html`<div class="wide" role="region" tabindex="0" aria-label="Availability of ${name}"><table>
<caption>Availability of ${name}: the share of the results that were healthy</caption>
<thead><tr><th scope="col">Check</th>${WINDOWS.map(([words]) => html`<th scope="col" class="number">${words}</th>`)}</tr></thead>
<tbody>${rows.map(([check, series]) => html`
<tr><th scope="row">${check}</th>${WINDOWS.map(([, days]) => html`<td class="number">${shareCell(series, now - days * DAY_MS)}</td>`)}</tr>`)}
</tbody></table></div>`;
}

function shareCell(series: Series, since: number): Html {
  const { healthy, measured } = availabilityOf(series, since);
  return measured === 0 ? html`not measured` : html`${formatShare({ healthy, measured })} <span class="quiet">of ${measured}</span>`;
}

/** The data of the charts, as tables. */
function figures(name: string, days: ReturnType<typeof bucketsOf>): Html {
  if (days.length === 0) return NOTHING;
  return html`<details><summary>Figures of ${name} by day</summary><div class="wide" role="region" tabindex="0" aria-label="Figures of ${name} by day"><table>
<caption>${name} by day</caption>
<thead><tr><th scope="col">Day</th><th scope="col" class="number">Availability</th><th scope="col" class="number">Median</th><th scope="col" class="number">Slowest</th></tr></thead>
<tbody>${[...days].reverse().map(({ at, bad, healthy, medianMs, slowestMs }) => html`
<tr><th scope="row">${formatDay(at)}</th><td class="number">${bad + healthy === 0 ? 'not measured' : formatShare({ healthy, measured: bad + healthy })}</td><td class="number">${medianMs === undefined ? '' : formatDuration(medianMs)}</td><td class="number">${slowestMs === undefined ? '' : formatDuration(slowestMs)}</td></tr>`)}
</tbody></table></div></details>`;
}

function incidentSection(incidents: readonly Incident[], now: number): Html {
  const rows = [...incidents].sort((a, b) => b.since - a.since).slice(0, 50);
  return html`<section aria-labelledby="incidents">
<h2 id="incidents">Incidents</h2>
${rows.length === 0 ? html`<p>None in the last ${SHOWN_DAYS} days that are recorded.</p>` : html`<div class="wide" role="region" tabindex="0" aria-label="Incidents, a table"><table>
<caption>Alerts that fired and deployments that were rolled back or halted, in the last ${SHOWN_DAYS} days</caption>
<thead><tr><th scope="col">Began</th><th scope="col">Environment</th><th scope="col">What</th><th scope="col" class="number">Lasted</th></tr></thead>
<tbody>${rows.map(({ environment, since, until, what }) => html`
<tr><td>${moment(since)}</td><td>${environment}</td><td class="what">${what}</td><td class="number">${until === undefined ? `${formatDuration(now - since, 'seconds')}, and lasts` : formatDuration(until - since, 'seconds')}</td></tr>`)}
</tbody></table></div>`}
</section>`;
}

const UNKNOWN = 'unknown';

function doraSection({ environments, now }: PageOptions): Html {
  const rows = environments.map(({ data, name }) => {
    const from = Math.max(now - SHOWN_DAYS * DAY_MS, data.attemptsFrom ?? now);
    return { name, dora: doraOf(data.attempts, { from, to: now }) };
  });
  return html`<section aria-labelledby="deliveries">
<h2 id="deliveries">Deliveries</h2>
<div class="wide" role="region" tabindex="0" aria-label="Deliveries, a table"><table>
<caption>The four figures of <a href="https://dora.dev/guides/dora-metrics/" rel="noreferrer">DORA</a>, of at most ${SHOWN_DAYS} days</caption>
<thead><tr><th scope="col">Environment</th><th scope="col">Since</th><th scope="col" class="number">Deployments</th><th scope="col" class="number">Lead time</th><th scope="col" class="number">Failed</th><th scope="col" class="number">Time to restore</th></tr></thead>
<tbody>${rows.map(({ dora, name }) => html`
<tr><th scope="row">${name}</th><td>${dora.from === now ? 'no record' : formatDay(dora.from)}</td><td class="number">${deploymentsCell(dora)}</td><td class="number">${leadTimeCell(dora)}</td><td class="number">${dora.finished === 0 ? UNKNOWN : `${dora.failures} of ${dora.finished}`}</td><td class="number">${restoreCell(dora)}</td></tr>`)}
</tbody></table></div>
</section>`;
}

function leadTimeCell({ leadTimeMs }: Dora): string {
  return leadTimeMs === undefined ? UNKNOWN : formatDuration(leadTimeMs, 'seconds');
}

function deploymentsCell({ deployments, from, perWeek, to }: Dora): string {
  if (from === to) return UNKNOWN;
  return perWeek === undefined ? String(deployments) : `${deployments} (${perWeek.toFixed(1)} a week)`;
}

function restoreCell({ failures, finished, restoreMs, unrestored }: Dora): string {
  if (failures === 0) return finished === 0 ? UNKNOWN : 'nothing failed';
  return [restoreMs === undefined ? [] : [formatDuration(restoreMs, 'seconds')], unrestored === 0 ? [] : [`${unrestored} not yet`]].flat().join(', ');
}

function anchorTo(file: string): Html {
  return html`<a href="${file}">${file}</a>`;
}

/** The status page's style. Text has a contrast of at least 4.5 to 1 with its background, lines and bars 3 to 1. */
const PAGE_STYLE = `
:root { color-scheme: light dark; --ground: #ffffff; --raised: #f6f8fa; --text: #1f2328; --quiet: #57606a; --rule: #d0d7de; --link: #0550ae; --good: #1a7f37; --warn: #8a5a00; --bad: #c9252d; --line: #0969da; }
@media (prefers-color-scheme: dark) { :root { --ground: #0d1117; --raised: #161b22; --text: #e6edf3; --quiet: #9da7b3; --rule: #3d444d; --link: #79c0ff; --good: #3fb950; --warn: #e3b341; --bad: #ff7b72; --line: #58a6ff; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 52rem; padding: 1rem; background: var(--ground); color: var(--text); font: 1rem/1.5 system-ui, sans-serif; }
h1 { font-size: 1.5rem; margin: 0; } h2 { font-size: 1.2rem; margin: 0; } h3 { font-size: 1rem; margin: 1.25rem 0 .25rem; }
p { margin: .25rem 0; } a { color: var(--link); }
section { border: 1px solid var(--rule); border-radius: .5rem; padding: 1rem; margin: 1rem 0; }
.quiet, .scale, caption, figcaption, footer { color: var(--quiet); font-size: .875rem; }
.verdict { font-weight: 600; } .healthy { color: var(--good); } .pending, .inconclusive { color: var(--warn); } .firing { color: var(--bad); } .unprobed { color: var(--quiet); }
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
