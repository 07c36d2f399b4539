/** Charts without scripts. Each has its data in a table beside it, too. */
import { Html, html, formatDay, formatScale } from './html';
import { Bucket, DAY_MS, dayOf, formatShare } from './series';
import { formatDuration } from '../../contract/duration-text';

/** Both are stretched to the page's width, so text is outside of them. */
const WIDTH = 720;
const HEIGHT = 100;
const TICK = 12;

export interface ChartOptions {
  /** Unique on the page. */
  readonly id: string;
  readonly title: string;
  readonly from: number;
  readonly to: number;
  /** Oldest first. */
  readonly buckets: readonly Bucket[];
  /** Two buckets with a longer gap are not joined by a line. */
  readonly gapMs: number;
}

/** Response times: the slowest of each run, or of each hour; a tick at the bottom marks a bad response. */
export function latencyChart({ buckets, from, gapMs, id, title, to }: ChartOptions): Html {
  const slowest = buckets.flatMap(({ slowestMs }) => (slowestMs === undefined ? [] : [slowestMs]));
  const top = niceTop(Math.max(1, ...slowest));
  // counted from midnight, not from `from`: the next page appends to this line, so git stores only the difference
  const x = (at: number) => round((at - dayOf(from)) / (to - from) * WIDTH);
  const [left, right] = [x(from), x(to)];
  const y = (ms: number) => round((1 - ms / top) * HEIGHT);
  const lines = linesOf(buckets, gapMs).map((line) => (
    line.length === 1
      ? html`<path class="line" d="M${x(line[0]!.at) - 2} ${y(line[0]!.slowestMs!)}h4"/>`
      : html`<polyline class="line" points="${line.map(({ at, slowestMs }) => html`${x(at)},${y(slowestMs!)} `)}"/>`
  ));
  const ticks = buckets.filter(({ bad }) => bad > 0).map(({ at }) => html`<path class="tick" d="M${x(at)} ${HEIGHT}v-${TICK}"/>`);
  return html`<div class="scale" aria-hidden="true"><span>${formatDuration(top)}</span></div>
<svg class="times" viewBox="${left} 0 ${round(right - left)} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-labelledby="${id}-title ${id}-text">
<title id="${id}-title">${title}</title><desc id="${id}-text">${inWords(buckets, slowest)}</desc>
${[0, HEIGHT / 2, HEIGHT].map((at) => html`<path class="rule" d="M${left} ${at}H${right}"/>`)}${lines}${ticks}
</svg>
<div class="scale" aria-hidden="true"><span>${formatScale(from)}</span><span>${formatScale(to)}</span></div>`;
}

function inWords(buckets: readonly Bucket[], slowest: readonly number[]): string {
  const bad = buckets.reduce((sum, one) => sum + one.bad, 0);
  if (slowest.length === 0) return bad === 0 ? 'Nothing was measured.' : `No healthy response; bad results: ${bad}.`;
  return `From ${formatDuration(Math.min(...slowest))} to ${formatDuration(Math.max(...slowest))}; ${bad === 0 ? 'no bad result' : `bad results: ${bad}`}.`;
}

/** Pieces without a gap. */
function linesOf(buckets: readonly Bucket[], gapMs: number): Bucket[][] {
  const lines: Bucket[][] = [];
  let before: Bucket | undefined;
  for (const bucket of buckets) {
    if (bucket.slowestMs === undefined) {
      before = undefined;
      continue;
    }
    if (before && bucket.at - before.at <= gapMs) lines.at(-1)!.push(bucket);
    else lines.push([bucket]);
    before = bucket;
  }
  return lines;
}

/** One bar per day: the part in the warning colour is the unhealthy share. A day without measurements has no bar. */
export function dayBars({ buckets, id, title, to }: Omit<ChartOptions, 'from' | 'gapMs'>, days: number): Html {
  const last = to - (to % DAY_MS);
  const width = WIDTH / days;
  const bars = Array.from({ length: days }, (_, i) => {
    const at = last - (days - 1 - i) * DAY_MS;
    const { bad = 0, healthy = 0 } = buckets.find((one) => one.at === at) ?? {};
    const measured = bad + healthy;
    const x = round(i * width + 1);
    const wide = round(width - 2);
    if (measured === 0) return html`<rect class="none" x="${x}" y="20" width="${wide}" height="20"><title>${formatDay(at)}: nothing measured</title></rect>`;
    const badHeight = bad === 0 ? 0 : Math.max(4, round(bad / measured * 40));
    const said = `${formatDay(at)}: ${formatShare({ healthy, measured })} of ${measured}`;
    return html`<g><title>${said}</title><rect class="good" x="${x}" y="0" width="${wide}" height="${40 - badHeight}"/><rect class="bad" x="${x}" y="${40 - badHeight}" width="${wide}" height="${badHeight}"/></g>`;
  });
  const known = buckets.filter(({ bad, healthy }) => bad + healthy > 0);
  const badDays = known.filter(({ bad }) => bad > 0).length;
  const words = known.length === 0 ? 'Nothing was measured.' : `Days measured: ${known.length}; with bad results: ${badDays}.`;
  return html`<svg class="days" viewBox="0 0 ${WIDTH} 40" role="img" aria-labelledby="${id}-title ${id}-text" preserveAspectRatio="none">
<title id="${id}-title">${title}</title><desc id="${id}-text">${words}</desc>${bars}</svg>`;
}

/** 1, 2 or 5 times a power of ten. */
function niceTop(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].map((step) => step * power).find((top) => top >= value)!;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
