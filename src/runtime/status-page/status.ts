import { openAlerts, OpenAlert, probeNow } from './current-status';
import { Dora, doraOf } from './dora';
import { memoized, readAttempts } from './finished-attempts';
import { EnvironmentMeasurement, PageVerdict, pageVerdict, VERDICTS } from './measurements';
import { branchPageStore } from './publish';
import { PageStore } from './published-files';
import { DAY_MS, latenciesSince } from './series';
import { EnvironmentData, environmentOf, NO_DATA, readData, StatusData } from './status-data';
import { laptopPageStore } from './store-measurements';
import { ExitCode } from '../../contract/command-line';
import { formatDuration } from '../../contract/duration-text';
import { CommandArguments } from '../commands/command';
import { RuntimeContext } from '../context';
import { wasAway } from '../monitoring/cadence';
import { unlessUnknown, warnOverdue } from '../monitoring/watch';
import { percentile } from '../probing/observation';
import { liveCells, StatusRow, remarks, stateCell, statusOf } from '../reporting/environment-status';
import { reportRecords } from '../reporting/records-line';
import { renderTable } from '../reporting/table';
import { safeLine } from '../reporting/untrusted-text';

/** The result of the watch, if it is known. */
export interface WatchStatus {
  readonly verdict: PageVerdict;
  /** ISO 8601. */
  readonly at: string;
  /** `watch`: from its last run. `now`: probed for this command. */
  readonly from: 'watch' | 'now';
  /** Of the last 24 hours; absent if nothing was measured. */
  readonly p95Ms?: number;
  readonly responses?: number;
  /** What was seen of each check that is not healthy, where this command probed: `health: 500 in 3 ms`. */
  readonly reasons?: readonly string[];
}

interface FullStatus {
  readonly row: StatusRow;
  readonly watch?: WatchStatus;
  readonly alerts?: readonly OpenAlert[];
  readonly dora?: Dora;
}

const REFRESH_MS = 10_000;
/** `--json` has the full text. */
const CELL_LIMIT = 60;
const ALERTS_SHOWN = 2;
const DORA_DAYS = 30;
/** How many attempts of an environment are read for the DORA metrics, each with a request to GitHub. */
const DORA_LIMIT = 100;

/** Shows what is live and whether it is healthy; with `--watch` until Ctrl-C. Rejects with `EventLogError`. */
export async function watchedStatus(all: readonly RuntimeContext[], given: CommandArguments): Promise<ExitCode> {
  const { clock, interrupted } = all[0]!;
  if (!given.flags.watch) {
    await show(await statuses(all, given), all[0]!, given);
    return 0;
  }
  while (!interrupted.aborted) {
    const now = await statuses(all, given);
    // a terminal is redrawn; other readers get one output after the other
    if (process.stdout.isTTY && !given.json) {
      all[0]!.print('\u001b[H\u001b[2J');
      reportRecords(all[0]!);
    }
    await show(now, all[0]!, given);
    if (!given.json) all[0]!.print(`${new Date(clock.now()).toISOString()}; Ctrl-C ends it`);
    await clock.sleep(REFRESH_MS, interrupted);
  }
  return 0;
}

async function statuses(all: readonly RuntimeContext[], given: CommandArguments): Promise<FullStatus[]> {
  const data = await unlessUnknown(all[0]!, measuredBefore(all[0]!)) ?? NO_DATA;
  return Promise.all(all.map((one) => fullStatus(one, environmentOf(data, one.environment.name), given)));
}

async function fullStatus(
  context: RuntimeContext, data: EnvironmentData, given: CommandArguments,
): Promise<FullStatus> {
  const { environment, manifest: { monitoring } } = context;
  const row = await statusOf(context);
  const isWatched = monitoring?.environments.includes(environment.name) ?? false;
  const watch = isWatched ? await watchStatus(context, data) : undefined;
  const alerts = isWatched ? await unlessUnknown(context, openAlerts(context)) : undefined;
  const dora = given.flags.dora ? await doraNow(context, data) : undefined;
  return { row, watch, alerts, dora };
}

/** The last run of the watch; if that is too old or unknown, the checks are probed now. */
async function watchStatus(context: RuntimeContext, { latest, overall }: EnvironmentData): Promise<WatchStatus | undefined> {
  const { clock, manifest } = context;
  const intervalMs = manifest.monitoring?.intervalMs ?? 0;
  const isOld = latest !== undefined && wasAway({ intervalMs, gaps: 0, sinceLastMs: clock.now() - latest.at });
  const latencies = latenciesSince(overall, clock.now() - DAY_MS);
  const p95Ms = percentile(latencies, 0.95);
  const measured = p95Ms === undefined ? {} : { p95Ms, responses: latencies.length };
  if (latest && !isOld) return { verdict: pageVerdict(latest), at: new Date(latest.at).toISOString(), from: 'watch', ...measured };
  const checks = await probeNow(context);
  if (!checks) return undefined;
  const look: EnvironmentMeasurement = { name: context.environment.name, checks, firing: [], pending: [] };
  const reasons = checks.filter(({ mark }) => mark !== 'healthy').map(({ name, saw }) => `${name}: ${saw}`);
  return { verdict: pageVerdict(look), at: new Date(clock.now()).toISOString(), from: 'now', reasons, ...measured };
}

/** On a laptop the file beside the ledger; in CI the branch of the status page; otherwise none. */
async function measuredBefore(context: RuntimeContext): Promise<StatusData | undefined> {
  const pageStore = previousPageStore(context);
  const data = readData((await pageStore?.read())?.data ?? '');
  return data === 'newer' ? undefined : data;
}

function previousPageStore(context: RuntimeContext): PageStore | undefined {
  const { ci, manifest, run } = context;
  const page = manifest.monitoring?.statusPage;
  if (!run.inCi && !ci.keepsRecords) return laptopPageStore(context);
  return ci.keepsRecords && ci.branches && page?.kind === 'branch' ? branchPageStore(context, ci.branches, page.branch) : undefined;
}

async function doraNow(context: RuntimeContext, data: EnvironmentData): Promise<Dora> {
  const { clock, environment, ledger } = context;
  const now = clock.now();
  const { attempts, attemptsFrom } = await readAttempts({
    ledger, environment: environment.name, known: data.attempts, limit: DORA_LIMIT, committedAt: memoized(context.ci.commits.madeAt), now,
  });
  return doraOf(attempts, { from: Math.max(now - DORA_DAYS * DAY_MS, attemptsFrom ?? now), to: now });
}

async function show(
  all: readonly FullStatus[], context: RuntimeContext, given: CommandArguments,
): Promise<void> {
  const { clock, print } = context;
  if (given.json) {
    const rows = all.map(({ row, ...rest }) => ({ records: context.ci.records, ...row, ...rest }));
    print(given.flags.watch ? JSON.stringify(rows) : JSON.stringify(rows, null, 2));
    return;
  }
  print(table(all, clock.now()));
  all.flatMap((one) => [...unhealthyRemarks(one), ...remarks(one.row)]).forEach((remark) => print(safeLine(remark, 1000)));
  await warnOverdue(context);
  const dora = all.flatMap((one) => (one.dora ? [{ environment: one.row.environment, dora: one.dora }] : []));
  if (dora.length > 0) print(`\n${doraTable(dora)}\n`);
  print(`ledger: ${all[0]!.row.ledger}`);
}

/** Why an environment is not healthy: as this command saw it, or as its open alerts say. */
function unhealthyRemarks({ alerts = [], row: { environment }, watch }: FullStatus): string[] {
  const isUnknown = watch?.verdict === 'inconclusive';
  const seen = (watch?.reasons ?? []).map((why) => `${environment} is ${isUnknown ? 'inconclusive' : 'unhealthy'}: ${why}`);
  return [...seen, ...alerts.map(({ note, phase, since }) => `${environment}: ${phase}${since === undefined ? '' : ` since ${since}`}: ${note}`)];
}

interface Column {
  readonly header: string;
  readonly cell: (one: FullStatus) => string;
  /** Left out if it is empty in every row. */
  readonly isOptional?: boolean;
}

function table(all: readonly FullStatus[], now: number): string {
  const columns: Column[] = [
    { header: 'environment', cell: ({ row }) => row.environment },
    { header: 'live', cell: ({ row }) => liveCells(row)[0] },
    { header: 'since', cell: ({ row }) => liveCells(row)[1] },
    { header: 'verdict', cell: ({ watch }) => (watch ? verdictCell(watch, now) : ''), isOptional: true },
    { header: 'p95 (24 h)', cell: ({ watch }) => (watch?.p95Ms === undefined ? '' : `${formatDuration(watch.p95Ms)} of ${watch.responses} ${watch.responses === 1 ? 'response' : 'responses'}`), isOptional: true },
    { header: 'alerts', cell: ({ alerts }) => (alerts ? alertsCell(alerts) : ''), isOptional: true },
    { header: 'last deployment', cell: ({ row }) => row.last?.version ?? '' },
    { header: 'state', cell: ({ row }) => safeLine(stateCell(row), CELL_LIMIT) },
    { header: 'by', cell: ({ row }) => row.last?.by ?? '' },
  ];
  const shown = columns.filter(({ cell, isOptional }) => !isOptional || all.some((one) => cell(one) !== ''));
  return renderTable(shown.map(({ header }) => header), all.map((one) => shown.map(({ cell }) => cell(one))));
}

/** Those that fire come first: a row stays on one line. */
function alertsCell(alerts: readonly OpenAlert[]): string {
  const sorted = [...alerts].sort((a, b) => Number(b.phase === 'firing') - Number(a.phase === 'firing'));
  const more = sorted.length - ALERTS_SHOWN;
  return sorted.slice(0, ALERTS_SHOWN).map(({ name, phase }) => `${name} ${phase}`).join(', ') + (more > 0 ? `, ${more} more` : '') || 'none';
}

function verdictCell({ at, from, verdict }: WatchStatus, now: number): string {
  if (from === 'watch') return `${VERDICTS[verdict]}, ${formatDuration(now - Date.parse(at), 'seconds')} ago`;
  // a probe of this command raises no alert
  return `${verdict === 'pending' ? 'unhealthy' : VERDICTS[verdict]}, probed now`;
}

function doraTable(rows: readonly { readonly environment: string; readonly dora: Dora }[]): string {
  const unless = (value: number | undefined) => (value === undefined ? 'unknown' : formatDuration(value, 'seconds'));
  return renderTable(
    ['environment', 'since', 'deployments', 'a week', 'lead time', 'failed', 'time to restore'],
    rows.map(({ environment, dora }) => [
      environment,
      new Date(dora.from).toISOString().slice(0, 10),
      String(dora.deployments),
      dora.perWeek?.toFixed(1) ?? 'less than a week recorded',
      unless(dora.leadTimeMs),
      dora.finished === 0 ? 'unknown' : `${dora.failures} of ${dora.finished}`,
      dora.failures === 0 ? 'nothing failed' : `${unless(dora.restoreMs)}${dora.unrestored > 0 ? `, ${dora.unrestored} not yet` : ''}`,
    ]),
  );
}
