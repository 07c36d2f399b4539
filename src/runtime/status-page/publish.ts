import { basename } from 'node:path';
import { parseJson } from '../json-value';
import { readAlerts } from './alert-spans';
import { memoized, readAttempts } from './finished-attempts';
import { Measurements, readMeasured } from './measurements';
import { BranchPageStore, FolderPageStore } from './page-stores';
import { Published, PageStore, filesOf } from './published-files';
import { environmentOf, Findings, NO_DATA, readData, StatusData, withFindings, withMeasured, EnvironmentData } from './status-data';
import { laptopPageStore } from './store-measurements';
import { ExitCode, OPTION } from '../../contract/command-line';
import { JOB_VARIABLE } from '../../contract/environment-variables';
import { MEASURED } from '../../contract/outputs';
import { CiBranches } from '../ci/ci-runtime';
import { CommandArguments, textOf } from '../commands/command';
import { RuntimeContext } from '../context';
import { ConfigurationError } from '../errors';
import { EventLogError } from '../event-log/event-log';
import { alertNames } from '../monitoring/alert-entry';
import { AlertLog, Episode } from '../monitoring/alert-log';
import { unlessEjected } from '../reporting/command-line';
import { safeLine } from '../reporting/untrusted-text';

/** Of overlapping runs, one succeeds in each round. */
const ROUNDS = 10;
const LONGEST_WAIT_MS = 2_000;
/** The limit of what one run reads; the next run continues. */
const READ_LIMIT = 20;

/** Adds the measurements, and writes the status page. If GitHub rejects the write, it warns, and the verdict stays. Rejects with `ConfigurationError`. */
export async function publish(all: readonly RuntimeContext[], given: CommandArguments): Promise<ExitCode> {
  const [first] = all;
  const watched = all.filter(({ environment, manifest }) => manifest.monitoring?.environments.includes(environment.name));
  if (watched.length === 0) throw new ConfigurationError(`nothing is watched here, so there is nothing to show. ${unlessEjected('Set monitoring in the delivery\'s options, run npx projen and commit', 'Add monitoring to .projen/delivery.json')}.`);
  const pageStore = openPageStore(first!, given);
  try {
    await write(watched, pageStore);
    first!.log.line(`the status page is written: ${pageStore.place}`);
    first!.outputs.summary(`The status page was written: ${safeLine(pageStore.place)}`);
  } catch (error) {
    if (isFileError(error)) throw new ConfigurationError(`the status page cannot be written to ${pageStore.place}: ${error.message}. Name another folder: --out FOLDER`);
    if (!(error instanceof EventLogError)) throw error;
    first!.log.warning('The status page was not written', `${error.message} What was measured just now is not on it.`);
  }
  return 0;
}

function isFileError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error && 'path' in error;
}

async function write(watched: readonly RuntimeContext[], pageStore: PageStore): Promise<void> {
  const { clock } = watched[0]!;
  const measured = measuredFrom(watched[0]!);
  let found: ReadonlyMap<string, Findings> | undefined;
  for (let round = 1; ; round++) {
    const published = await pageStore.read();
    const known = dataOf(watched[0]!, published, pageStore);
    found ??= await findings(watched, known);
    if (await pageStore.write(render(watched[0]!, merged(known, measured, found, clock.now())), published)) return;
    if (round === ROUNDS) throw new EventLogError(`${pageStore.place} was changed by others ${ROUNDS} times while it was to be written.`);
    await clock.sleep(Math.random() * LONGEST_WAIT_MS, watched[0]!.interrupted);
  }
}

function merged(known: StatusData, measured: readonly Measurements[], found: ReadonlyMap<string, Findings>, now: number): StatusData {
  const withAll = measured.reduce((data, one) => withMeasured(data, one, now), known);
  return [...found].reduce((data, [name, one]) => withFindings(data, name, one, now), withAll);
}

function render({ ci, clock, manifest, root }: RuntimeContext, data: StatusData): Readonly<Record<string, string>> {
  const repository = ci.repository ?? basename(root);
  const title = manifest.project === undefined ? repository : `${repository}: ${manifest.project.name}`;
  return filesOf(data, { manifest, title, now: clock.now() });
}

/** Data that others damaged is replaced, with a warning. */
function dataOf({ log }: RuntimeContext, published: Published | undefined, { place }: PageStore): StatusData {
  if (published?.data === undefined) return NO_DATA;
  const data = readData(published.data);
  if (data === 'newer') throw new ConfigurationError(`the data in ${place} was written by a newer projen-delivery. ${unlessEjected('Update projen-delivery on this branch and run npx projen.', 'Take .projen and the workflows from the branch that wrote it.')}`);
  if (data === undefined) log.warning('What was measured before is lost', `The data in ${place} is damaged: a new page is started.`);
  return data ?? NO_DATA;
}

/** Of environments whose ledger can be read; the others keep their data. */
async function findings(watched: readonly RuntimeContext[], known: StatusData): Promise<Map<string, Findings>> {
  const [first] = watched;
  const { alerts: { log: alertLog }, commits } = first!.ci;
  const committedAt = memoized(commits.madeAt);
  const found = new Map<string, Findings>();
  try {
    const episodes = await alertLog.episodes(watched.map(({ environment }) => environment.name));
    const results = await Promise.allSettled(watched.map(async (context) => {
      const { name } = context.environment;
      found.set(name, await readFindings({ context, alertLog, episodes, known: environmentOf(known, name), committedAt }));
    }));
    for (const result of results) if (result.status === 'rejected') throw result.reason;
  } catch (error) {
    if (!(error instanceof EventLogError)) throw error;
    first!.log.warning('The status page does not show the last deployments and alerts', error.message);
  }
  return found;
}

/** One line per job that measured; a job that died has none. */
function measuredFrom({ log, processEnv }: RuntimeContext): Measurements[] {
  const lines = (processEnv[JOB_VARIABLE.MEASURED] ?? '').split('\n').filter((line) => line.trim() !== '');
  return lines.flatMap((line) => {
    const measured = readMeasured(parseJson(line));
    if (!measured) log.warning('A job\'s measurements could not be read', `${JOB_VARIABLE.MEASURED} must hold the output \`${MEASURED}\` of the step of \`delivery watch\`.`);
    return measured ? [measured] : [];
  });
}

function openPageStore(context: RuntimeContext, given: CommandArguments): PageStore {
  const { ci, manifest, run } = context;
  const page = manifest.monitoring?.statusPage;
  const [out, from] = [textOf(given, OPTION.OUT), textOf(given, OPTION.FROM)];
  if (out !== undefined) return new FolderPageStore(out, from ?? (run.inCi ? undefined : laptopPageStore(context).place));
  if (page?.kind === 'branch' && ci.branches) return branchPageStore(context, ci.branches, page.branch);
  if (ci.keepsRecords) throw new ConfigurationError('the folder for the page is missing. Set --out FOLDER, or monitoring.statusPage in the delivery\'s options.');
  return laptopPageStore(context);
}

/** The branch of the status page, of this project. */
export function branchPageStore({ manifest }: RuntimeContext, branches: CiBranches, branch: string): BranchPageStore {
  return new BranchPageStore({ branch, branches, project: manifest.project?.name });
}

interface ReadFindingsOptions {
  readonly context: RuntimeContext;
  readonly alertLog: AlertLog;
  /** Of all environments: read once. */
  readonly episodes: readonly Episode[];
  readonly known: EnvironmentData;
  readonly committedAt: (sha: string) => Promise<number | undefined>;
}

/** The entries of the ledger and the alert log that are not known yet. Rejects with `EventLogError`. */
async function readFindings({ alertLog, committedAt, episodes, known, context }: ReadFindingsOptions): Promise<Findings> {
  const { clock, environment, ledger } = context;
  const own = episodes.filter((one) => one.environment === environment.name);
  const [attempts, alerts] = await Promise.all([
    readAttempts({ ledger, environment: environment.name, known: known.attempts, limit: READ_LIMIT, committedAt, now: clock.now() }),
    readAlerts({ alertLog, limit: READ_LIMIT, known: known.episodes, episodes: own, names: alertNames(environment) }),
  ]);
  return { ...attempts, ...alerts };
}
