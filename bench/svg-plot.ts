/** A drawing of what was measured: dots, lines, and a dashed line for a limit. No colours but these, no script, no font of its own. */
export interface Plot {
  readonly title: string;
  /** What the axes show, with the unit. */
  readonly x: string;
  readonly y: string;
  readonly series: readonly Series[];
  readonly limit?: { readonly name: string; readonly y: number };
}

export interface Series {
  readonly name: string;
  readonly points: readonly (readonly [number, number])[];
  /** Whether a line joins the points. */
  readonly isJoined?: boolean;
}

const SIZE = { width: 760, height: 420, left: 70, right: 20, top: 64, bottom: 50 };
const COLOURS = ['#1f6feb', '#d29922', '#2da44e', '#8250df', '#cf222e', '#57606a'];

/** Values in increasing order, each with how many lie below it: the way to show thirty times without hiding one. */
export function inOrder(values: readonly number[]): [number, number][] {
  return [...values].sort((a, b) => a - b).map((value, index) => [index + 1, value]);
}

export function renderPlot(plot: Plot): string {
  const all = plot.series.flatMap(({ points }) => points);
  const across = new Axis(all.map(([x]) => x), [SIZE.left, SIZE.width - SIZE.right]);
  const up = new Axis([0, ...all.map(([, y]) => y), ...(plot.limit ? [plot.limit.y] : [])], [SIZE.height - SIZE.bottom, SIZE.top]);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${SIZE.width} ${SIZE.height}" font-family="sans-serif" font-size="12">`,
    `<title>${escaped(plot.title)}</title>`,
    `<rect width="${SIZE.width}" height="${SIZE.height}" fill="#ffffff"/>`,
    text(SIZE.left, 22, plot.title, 'start', 'font-size="15" font-weight="bold"'),
    ...axes(plot, across, up),
    ...plot.series.flatMap((series, index) => drawn(series, COLOURS[index % COLOURS.length], across, up)),
    ...legend(plot.series),
    ...(plot.limit ? limit(plot.limit, up) : []),
    '</svg>',
    '',
  ].join('\n');
}

function axes({ x, y }: Plot, across: Axis, up: Axis): string[] {
  const bottom = SIZE.height - SIZE.bottom;
  return [
    ...up.ticks.flatMap((tick) => [
      `<line x1="${SIZE.left}" x2="${SIZE.width - SIZE.right}" y1="${up.at(tick)}" y2="${up.at(tick)}" stroke="#eaeef2"/>`,
      text(SIZE.left - 8, up.at(tick) + 4, shown(tick), 'end'),
    ]),
    ...across.ticks.map((tick) => text(across.at(tick), bottom + 18, shown(tick), 'middle')),
    `<line x1="${SIZE.left}" x2="${SIZE.width - SIZE.right}" y1="${bottom}" y2="${bottom}" stroke="#57606a"/>`,
    text((SIZE.left + SIZE.width - SIZE.right) / 2, SIZE.height - 12, x, 'middle'),
    text(SIZE.left - 8, SIZE.top - 10, y, 'end'),
  ];
}

function drawn({ points, isJoined }: Series, colour: string, across: Axis, up: Axis): string[] {
  const places = points.map(([x, y]) => [across.at(x), up.at(y)]);
  return [
    ...(isJoined ? [`<polyline points="${places.map((place) => place.join(',')).join(' ')}" fill="none" stroke="${colour}" stroke-width="1.5"/>`] : []),
    ...places.map(([x, y]) => `<circle cx="${x}" cy="${y}" r="${isJoined ? 4 : 2.5}" fill="${colour}" fill-opacity="0.7"/>`),
  ];
}

function legend(series: readonly Series[]): string[] {
  let x = SIZE.left;
  return series.flatMap(({ name }, index) => {
    const entry = [`<circle cx="${x + 4}" cy="40" r="4" fill="${COLOURS[index % COLOURS.length]}"/>`, text(x + 12, 44, name, 'start')];
    x += 28 + name.length * 6.5;
    return entry;
  });
}

function limit({ name, y }: { readonly name: string; readonly y: number }, up: Axis): string[] {
  return [
    `<line x1="${SIZE.left}" x2="${SIZE.width - SIZE.right}" y1="${up.at(y)}" y2="${up.at(y)}" stroke="#cf222e" stroke-dasharray="6 4"/>`,
    text(SIZE.width - SIZE.right, up.at(y) - 5, name, 'end', 'fill="#cf222e"'),
  ];
}

/** From values to places on the drawing. */
class Axis {
  public readonly ticks: number[];
  private readonly low: number;
  private readonly high: number;

  constructor(values: readonly number[], private readonly places: readonly [number, number]) {
    const [least, most] = [Math.min(...values), Math.max(...values)];
    const step = roundStep((most - least || Math.abs(most) || 1) / 6);
    this.low = Math.floor(least / step) * step;
    this.high = Math.max(Math.ceil(most / step) * step, this.low + step);
    this.ticks = Array.from({ length: Math.round((this.high - this.low) / step) + 1 }, (_, index) => this.low + index * step);
  }

  public at(value: number): number {
    const [begin, end] = this.places;
    return Math.round((begin + ((value - this.low) / (this.high - this.low)) * (end - begin)) * 10) / 10;
  }
}

/** 1, 2 or 5 times a power of ten. */
function roundStep(step: number): number {
  const power = 10 ** Math.floor(Math.log10(step));
  return power * ([1, 2, 5].find((factor) => factor * power >= step) ?? 10);
}

function shown(value: number): string {
  return Number(value.toPrecision(6)).toLocaleString('en');
}

function text(x: number, y: number, content: string, anchor: 'start' | 'middle' | 'end', more = 'fill="#24292f"'): string {
  return `<text x="${x}" y="${y}" text-anchor="${anchor}" ${more}>${escaped(content)}</text>`;
}

function escaped(content: string): string {
  return content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
