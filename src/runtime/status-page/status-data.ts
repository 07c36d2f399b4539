/**
 * The data between the runs of the watch, `data.json`: bounded, and validated when read, because others may have written it. Pure.
 */
import { isCanary } from './canaries';
import { FinishedAttempt } from './dora';
import { markOf, Measurements, CheckMeasurement, EnvironmentMeasurement, readEnvironment, slowestOf } from './measurements';
import { DAY_MS, NO_SERIES, packSeries, Sample, Series, thinned, unpackSeries, withSample } from './series';
import { isListOf, isNumber, isObject, isOptionalText, isText, parseJson } from '../json-value';

const DATA_SCHEMA = 1;

export interface StatusData {
  /** The last runs whose measurements it contains. */
  readonly measuredBy: readonly string[];
  readonly environments: Readonly<Record<string, EnvironmentData>>;
}

export interface EnvironmentData {
  /** The results of the last run of the watch. */
  readonly latest?: LatestLook;
  /** All checks together: the worst result and the slowest response. */
  readonly overall: Series;
  readonly checks: Readonly<Record<string, Series>>;
  /** Newest first. */
  readonly attempts: readonly FinishedAttempt[];
  /** All attempts that began since then and are over are listed. Milliseconds since the epoch; absent if nothing is known. */
  readonly attemptsFrom?: number;
  /** Newest first. */
  readonly alerts: readonly AlertSpan[];
  /** The ids of the episodes that need not be read again. */
  readonly episodes: readonly string[];
}

export interface LatestLook extends EnvironmentMeasurement {
  readonly at: number;
  readonly runUrl?: string;
}

/** From firing to resolved. */
export interface AlertSpan {
  readonly id: string;
  /** The check's name. */
  readonly check: string;
  readonly since: number;
  readonly until?: number;
}

/** What the ledger and the alert log say about an environment. */
export type Findings = Pick<EnvironmentData, 'alerts' | 'attempts' | 'attemptsFrom' | 'episodes'>;

export const NO_DATA: StatusData = { measuredBy: [], environments: {} };
export const NO_ENVIRONMENT_DATA: EnvironmentData = { overall: NO_SERIES, checks: {}, attempts: [], alerts: [], episodes: [] };

/** How long incidents and attempts are kept, and how many. */
export const KEEP_MS = 90 * DAY_MS;
export const KEEP_COUNT = 200;
const KEEP_KEYS = 50;

/** Adds the measurements of a run, unless it contains them already. */
export function withMeasured(data: StatusData, measured: Measurements, now: number): StatusData {
  if (data.measuredBy.includes(measured.by)) return data;
  const environments = { ...data.environments };
  for (const one of measured.environments) {
    environments[one.name] = withLook(environmentOf(data, one.name), { ...one, at: measured.at, runUrl: measured.runUrl }, now);
  }
  return { measuredBy: [...data.measuredBy, measured.by].slice(-KEEP_KEYS), environments };
}

/** Adds the newly read data; newer data replaces older. */
export function withFindings(data: StatusData, name: string, found: Findings, now: number): StatusData {
  const known = environmentOf(data, name);
  const isKept = (at: number) => at >= now - KEEP_MS;
  const attempts = union(found.attempts, known.attempts).filter(({ createdAt }) => isKept(createdAt)).sort((a, b) => b.createdAt - a.createdAt);
  const alerts = union(found.alerts, known.alerts).filter(({ since }) => isKept(since)).sort((a, b) => b.since - a.since);
  const episodes = [...new Set([...known.episodes, ...found.episodes])].sort((a, b) => Number(a) - Number(b));
  const changed: EnvironmentData = {
    ...known,
    attempts: attempts.slice(0, KEEP_COUNT),
    attemptsFrom: found.attemptsFrom,
    alerts: alerts.slice(0, KEEP_COUNT),
    episodes: episodes.slice(-KEEP_COUNT),
  };
  return { ...data, environments: { ...data.environments, [name]: changed } };
}

/** Drops removed environments. */
export function onlyOf(data: StatusData, names: readonly string[]): StatusData {
  return { ...data, environments: Object.fromEntries(Object.entries(data.environments).filter(([name]) => names.includes(name))) };
}

export function environmentOf({ environments }: StatusData, name: string): EnvironmentData {
  return (Object.hasOwn(environments, name) ? environments[name] : undefined) ?? NO_ENVIRONMENT_DATA;
}

function withLook(data: EnvironmentData, look: LatestLook, now: number): EnvironmentData {
  const latest = data.latest && data.latest.at > look.at && data.latest.at <= now ? data.latest : look;
  const mark = markOf(look.checks);
  // a removed check goes once its measurements are old
  const names = [...new Set([...Object.keys(data.checks), ...look.checks.map(({ name }) => name)])];
  const checks = names.map((name) => {
    const known = (Object.hasOwn(data.checks, name) ? data.checks[name] : undefined) ?? NO_SERIES;
    const check = look.checks.find((one) => one.name === name);
    return [name, check ? withSample(known, sampleOf(check, look.at), now) : thinned(known, now)] as const;
  }).filter(([, { days, hours, runs }]) => days.length + hours.length + runs.length > 0);
  const overall = mark === undefined
    ? thinned(data.overall, now)
    : withSample(data.overall, { at: look.at, mark, latencyMs: slowestOf(look.checks) }, now);
  return { ...data, latest, overall, checks: Object.fromEntries(checks) };
}

/** The latency of a bad response says nothing about the speed of the service. */
function sampleOf({ latencyMs, mark }: CheckMeasurement, at: number): Sample {
  return { at, mark, ...(mark === 'healthy' && latencyMs !== undefined && { latencyMs }) };
}

function union<T extends { readonly id: string }>(newer: readonly T[], older: readonly T[]): T[] {
  return [...newer, ...older.filter(({ id }) => !newer.some((one) => one.id === id))];
}

/** A line for each environment and series, so that a version of it differs little from the one before. */
export function writeData(data: StatusData): string {
  const environments = Object.entries(data.environments).map(([name, one]) => [name, {
    ...one,
    overall: packSeries(one.overall),
    checks: Object.entries(one.checks).map(([check, series]) => ({ name: check, ...packSeries(series) as object })),
  }]);
  return `${JSON.stringify({ writtenBy: 'projen-delivery', schema: DATA_SCHEMA, measuredBy: data.measuredBy, environments }, null, 1)}\n`
    // the short lists of a series on a line of their own; a line break is never part of a text
    .replace(/\[\n\s+(-?[\d.]+),\s+([^[\]]*?)\s+\]/g, (_, first: string, rest: string) => `[${first},${rest.replace(/\s+/g, '')}]`);
}

/** `newer`: written by a newer version. Undefined if it is not valid. */
export function readData(text: string): StatusData | 'newer' | undefined {
  const content = parseJson(text);
  if (!isObject(content) || content.writtenBy !== 'projen-delivery' || !isNumber(content.schema)) return undefined;
  if (content.schema > DATA_SCHEMA) return 'newer';
  if (!Array.isArray(content.measuredBy) || !Array.isArray(content.environments)) return undefined;
  const environments = content.environments.flatMap((one: unknown) => {
    const data = Array.isArray(one) && isText(one[0]) ? readEnvironmentData(one[1]) : undefined;
    return data ? [[(one as [string])[0], data] as const] : [];
  });
  if (environments.length < content.environments.length) return undefined;
  return { measuredBy: content.measuredBy.filter(isText), environments: Object.fromEntries(environments) };
}

function readEnvironmentData(value: unknown): EnvironmentData | undefined {
  if (!isObject(value) || !Array.isArray(value.checks)) return undefined;
  const overall = unpackSeries(value.overall);
  const checks = value.checks.flatMap((one: unknown) => {
    const series = unpackSeries(one);
    return series && isObject(one) && isText(one.name) ? [[one.name, series] as const] : [];
  });
  const latest = readLatest(value.latest);
  const { attempts, alerts } = value;
  if (!overall || !isListOf(attempts, isAttempt) || !isListOf(alerts, isSpan) || !Array.isArray(value.episodes)) return undefined;
  return {
    ...(latest && { latest }),
    overall,
    checks: Object.fromEntries(checks),
    attempts,
    ...(isNumber(value.attemptsFrom) && { attemptsFrom: value.attemptsFrom }),
    alerts,
    episodes: value.episodes.filter(isText),
  };
}

function readLatest(value: unknown): LatestLook | undefined {
  const look = readEnvironment(value);
  if (!look || !isObject(value) || !isNumber(value.at)) return undefined;
  return { ...look, at: value.at, ...(isText(value.runUrl) && { runUrl: value.runUrl }) };
}

const KINDS: readonly unknown[] = ['deploy', 'rollback', 'adopt', 'drill'];
const STATES: readonly unknown[] = ['stable', 'rolledBack', 'halted', 'failed', 'superseded'];

function isAttempt(value: unknown): value is FinishedAttempt {
  if (!isObject(value) || ![value.id, value.version, value.sha].every(isText) || ![value.createdAt, value.endedAt].every(isNumber)) return false;
  const optionalTimes = [value.troubleAt, value.committedAt].every((one) => one === undefined || isNumber(one));
  const optionalTexts = [value.leaving, value.backTo].every(isOptionalText);
  const hasCanary = value.canary === undefined || isCanary(value.canary);
  return KINDS.includes(value.kind) && STATES.includes(value.state) && optionalTimes && optionalTexts && hasCanary;
}

function isSpan(value: unknown): value is AlertSpan {
  return isObject(value) && isText(value.id) && isText(value.check) && isNumber(value.since) && (value.until === undefined || isNumber(value.until));
}
