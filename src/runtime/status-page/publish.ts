import { basename } from 'node:path';
import { BranchShelf } from './branch-store';
import { commitTimes } from './commit-time';
import { FolderShelf } from './folder-store';
import { Measured, readMeasured } from './measurements';
import { Published, Shelf } from './page-store';
import { filesOf } from './published-files';
import { findOut } from './read-findings';
import { environmentOf, Findings, NO_DATA, readData, StatusData, withFindings, withMeasured } from './status-data';
import { laptopShelf } from './store-measurements';
import { GithubApi } from '../ci/github/api';
import { openAlertBook } from '../ci/open-alert-log';
import { ExitCode, Given, textOf } from '../commands/command';
import { Surroundings } from '../context';
import { LedgerError } from '../ledger/ledger';
import { Misconfigured } from '../misconfigured';
import { unlessEjected } from '../reporting/ejected';
import { safeLine } from '../reporting/untrusted-text';

/** Runs that overlap each win one round. */
const ROUNDS = 10;
const LONGEST_WAIT_MS = 2_000;
/** So much is read anew in one run; the next one reads on. */
const READ_LIMIT = 20;

/** Adds what was measured to what is known, and writes the status page. What GitHub refuses is said, and changes no verdict. Rejects with `Misconfigured`. */
export async function publish(all: readonly Surroundings[], given: Given): Promise<ExitCode> {
  const [first] = all;
  const watched = all.filter(({ environment, manifest }) => manifest.monitoring?.environments.includes(environment.name));
  if (watched.length === 0) throw new Misconfigured(`nothing is watched here, so there is nothing to show. ${unlessEjected('Say monitoring in the delivery\'s options, run npx projen and commit', 'Add monitoring to .projen/delivery.json')}.`);
  const shelf = openShelf(first!, given);
  try {
    await write(watched, shelf);
    first!.log.line(`the status page is written: ${shelf.place}`);
    first!.outputs.summary(`The status page was written: ${safeLine(shelf.place)}`);
  } catch (error) {
    if (isFileError(error)) throw new Misconfigured(`the status page cannot be written to ${shelf.place}: ${error.message}. Name another folder: --out FOLDER`);
    if (!(error instanceof LedgerError)) throw error;
    first!.log.warning('The status page was not written', `${error.message} What was measured in this run is not on it.`);
  }
  return 0;
}

function isFileError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error && 'path' in error;
}

async function write(watched: readonly Surroundings[], shelf: Shelf): Promise<void> {
  const { clock } = watched[0]!;
  const measured = measuredFrom(watched[0]!);
  let found: ReadonlyMap<string, Findings> | undefined;
  for (let round = 1; ; round++) {
    const published = await shelf.read();
    const known = dataOf(watched[0]!, published, shelf);
    found ??= await findings(watched, known);
    if (await shelf.write(render(watched[0]!, merged(known, measured, found, clock.now())), published)) return;
    if (round === ROUNDS) throw new LedgerError(`${shelf.place} was changed by others ${ROUNDS} times while it was to be written.`);
    await clock.sleep(Math.random() * LONGEST_WAIT_MS, watched[0]!.interrupted);
  }
}

function merged(known: StatusData, measured: readonly Measured[], found: ReadonlyMap<string, Findings>, now: number): StatusData {
  const withAll = measured.reduce((data, one) => withMeasured(data, one, now), known);
  return [...found].reduce((data, [name, one]) => withFindings(data, name, one, now), withAll);
}

function render({ clock, manifest, processEnv, root }: Surroundings, data: StatusData): Readonly<Record<string, string>> {
  const repository = processEnv.GITHUB_REPOSITORY ?? basename(root);
  const title = manifest.project === undefined ? repository : `${repository}: ${manifest.project.name}`;
  return filesOf(data, { manifest, title, now: clock.now() });
}

/** What others wrote into the place is no data of ours: it is begun anew, and that is said. */
function dataOf({ log }: Surroundings, published: Published | undefined, { place }: Shelf): StatusData {
  if (published?.data === undefined) return NO_DATA;
  const data = readData(published.data);
  if (data === 'newer') throw new Misconfigured(`the data in ${place} was written by a newer projen-delivery. ${unlessEjected('Update projen-delivery on this branch and run npx projen.', 'Take .projen and the workflows from the branch that wrote it.')}`);
  if (data === undefined) log.warning('What was measured before is lost', `The data in ${place} is damaged: it is begun anew.`);
  return data ?? NO_DATA;
}

/** Of those whose ledger can be read; the others keep what is known. */
async function findings(watched: readonly Surroundings[], known: StatusData): Promise<Map<string, Findings>> {
  const [first] = watched;
  const { book } = openAlertBook(first!);
  const committedAt = commitTimes(first!);
  const found = new Map<string, Findings>();
  try {
    const episodes = await book.episodes(watched.map(({ environment }) => environment.name));
    const results = await Promise.allSettled(watched.map(async (surroundings) => {
      const { name } = surroundings.environment;
      found.set(name, await findOut({ surroundings, book, episodes, known: environmentOf(known, name), committedAt, limit: READ_LIMIT }));
    }));
    for (const result of results) if (result.status === 'rejected') throw result.reason;
  } catch (error) {
    if (!(error instanceof LedgerError)) throw error;
    first!.log.warning('The status page does not show the last deployments and alerts', error.message);
  }
  return found;
}

/** A line for each job that measured; a job that died measured nothing. */
function measuredFrom({ log, processEnv }: Surroundings): Measured[] {
  const lines = (processEnv.DELIVERY_MEASURED ?? '').split('\n').filter((line) => line.trim() !== '');
  return lines.flatMap((line) => {
    const measured = parse(line);
    if (!measured) log.warning('A job\'s measurements were not understood', 'DELIVERY_MEASURED must hold what the step of `delivery watch` put out as `measured`.');
    return measured ? [measured] : [];
  });
}

function parse(line: string): Measured | undefined {
  try {
    return readMeasured(JSON.parse(line));
  } catch {
    return undefined;
  }
}

function openShelf(surroundings: Surroundings, given: Given): Shelf {
  const { manifest, processEnv, run } = surroundings;
  const page = manifest.monitoring?.statusPage;
  const [out, from] = [textOf(given, 'out'), textOf(given, 'from')];
  const api = surroundings.api();
  if (out !== undefined) return new FolderShelf(out, from ?? (run.inCi ? undefined : laptopShelf(surroundings).place));
  if (page?.kind === 'branch' && api) return branchShelf(surroundings, api, page.branch);
  if (api && !processEnv.DELIVERY_LEDGER) throw new Misconfigured('where is the page to be written? Say --out FOLDER, or monitoring.statusPage in the delivery\'s options.');
  return laptopShelf(surroundings);
}

/** The branch of the status page, of this project. */
export function branchShelf(surroundings: Surroundings, api: GithubApi, branch: string): BranchShelf {
  const { clock, manifest, processEnv } = surroundings;
  const { GITHUB_SERVER_URL: serverUrl = 'https://github.com', GITHUB_TOKEN: token = '' } = processEnv;
  return new BranchShelf({ repository: api.repository, branch, project: manifest.project?.name, serverUrl, token, env: processEnv, clock });
}
