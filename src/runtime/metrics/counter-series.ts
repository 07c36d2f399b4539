/**
 * Adds up counters of several processes that come, go and restart. A plain sum would fall when one of them ends. Pure: what was seen before is
 * a value.
 */

/** The samples of one counter, oldest first. */
export interface Series {
  readonly labels: Readonly<Record<string, string>>;
  readonly samples: readonly Sample[];
}

export interface Sample {
  readonly atMs: number;
  readonly value: number;
}

/** What was added up until now. */
export interface SeriesTotals {
  /** The last sample of each series that was ever seen. */
  readonly last: ReadonlyMap<string, Sample>;
  /** The processes that were ever seen. */
  readonly instances: ReadonlySet<string>;
  /** By group. */
  readonly totals: ReadonlyMap<string, number>;
}

export const NO_TOTALS: SeriesTotals = { last: new Map(), instances: new Set(), totals: new Map() };

export interface Grouping {
  readonly groupOf: (series: Series) => string;
  /** Of the same source: a series of one of these begins at 0, for it did not exist before. */
  readonly instances: ReadonlySet<string>;
}

/**
 * Adds the increase of each series since its last sample. A series that is seen for the first time counts from 0 if its process was seen before
 * without it: a label such as `code="500"` exists only after the first response with it. Otherwise it may have counted for long before, so only what
 * it adds from now on counts.
 */
export function withIncrease(before: SeriesTotals, series: readonly Series[], { groupOf, instances: known }: Grouping): SeriesTotals {
  const { instances, last, totals } = before;
  const isFirst = last.size === 0 && known.size === 0;
  const [nextLast, nextTotals, nextInstances] = [new Map(last), new Map(totals), new Set(instances)];
  for (const one of series) {
    const newest = one.samples.at(-1);
    if (!newest) continue;
    const [key, group, instance] = [keyOf(one), groupOf(one), instanceOf(one)];
    const from = last.get(key) ?? startOf(one, { isFirst, isKnownInstance: instance !== undefined && known.has(instance) });
    nextTotals.set(group, (nextTotals.get(group) ?? 0) + increaseSince(from, one.samples));
    // another server of Prometheus may be behind
    if (newest.atMs >= from.atMs) nextLast.set(key, newest);
    if (instance !== undefined) nextInstances.add(instance);
  }
  return { last: nextLast, instances: nextInstances, totals: nextTotals };
}

function startOf({ samples }: Series, { isFirst, isKnownInstance }: { readonly isFirst: boolean; readonly isKnownInstance: boolean }): Sample {
  if (isFirst) return samples.at(-1)!;
  return isKnownInstance ? { atMs: -Infinity, value: 0 } : samples[0]!;
}

/** A counter that fell was reset: it counts from 0 again. */
function increaseSince(before: Sample, samples: readonly Sample[]): number {
  let [{ value }, sum] = [before, 0];
  for (const sample of samples) {
    if (sample.atMs <= before.atMs) continue;
    sum += sample.value >= value ? sample.value - value : sample.value;
    ({ value } = sample);
  }
  return sum;
}

/** The process that counts, as Prometheus names it; undefined if the labels do not say. */
function instanceOf({ labels: { instance, job } }: Series): string | undefined {
  return instance === undefined ? undefined : JSON.stringify([job ?? '', instance]);
}

function keyOf({ labels }: Series): string {
  return JSON.stringify(Object.entries(labels).sort(([one], [other]) => (one < other ? -1 : 1)));
}

/** The newest sample of each process; those without a name are one. */
export function newestByInstance(series: readonly Series[]): ReadonlyMap<string, number> {
  const newest = new Map<string, number>();
  for (const one of series) {
    const instance = instanceOf(one) ?? '';
    newest.set(instance, Math.max(newest.get(instance) ?? -Infinity, one.samples.at(-1)?.atMs ?? -Infinity));
  }
  return newest;
}

/** Leaves out samples that are newer than what is known of their process: they came between two queries. */
export function upTo(series: readonly Series[], newest: ReadonlyMap<string, number>): Series[] {
  return series.map(({ labels, samples }) => {
    const limit = newest.get(instanceOf({ labels, samples }) ?? '') ?? Infinity;
    return { labels, samples: samples.filter(({ atMs }) => atMs <= limit) };
  });
}
