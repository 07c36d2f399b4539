import { randomUUID } from 'node:crypto';
import { GithubApi, GithubRequest } from './api';
import { State, STATES } from '../../deployment/state-machine';
import { countingEntries } from '../../ledger/entries';
import { Entry, isDecision, Ledger, LedgerError, LedgerRecord, NewEntry, NewRecord, RecordQuestion } from '../../ledger/ledger';
import { compareIds, newestFirst } from '../../ledger/order';
import { isNumber, isObject, isText, readRecord } from '../../ledger/record';
import { unlessEjected } from '../../reporting/ejected';

export interface GithubLedgerOptions {
  readonly api: GithubApi;
  /** The subproject's name. @default - the root project */
  readonly project?: string;
  /** For links to runs. @default 'https://github.com' */
  readonly serverUrl?: string;
  /** Where an environment's users go, by its name: GitHub shows it beside the deployment. */
  readonly environmentUrl?: (environment: string) => string | undefined;
  /** Whether a run may still be at work. */
  readonly isAlive: Ledger['isAlive'];
  /** When a run began. @default - the ids of runs are trusted */
  readonly beganAt?: Ledger['beganAt'];
  /** @default - none: the jobs' concurrency groups, and the claim in the ledger */
  readonly hold?: Ledger['hold'];
}

/** Only deployments of the project's task, made by this user, are records. */
const BOT = 'github-actions[bot]';
const SCHEMA = 1;
const DESCRIPTION_LIMIT = 140;
/** No entry holds up what users wait for: whoever reads can do without one of these. */
const PASSING: readonly State[] = ['verifying', 'baking', 'confirming', 'rollingBack'];
const PASSING_PATIENCE_MS = 5000;
/** So many records tell all that most questions need. */
const FIRST_PAGE = 30;
/** So many pages of 100 are read at most, as long as they come newest first; GitHub promises no order. */
const PAGE_LIMIT = 10;

const API_STATES: Record<State, string> = {
  pending: 'queued',
  migrating: 'in_progress',
  deploying: 'in_progress',
  verifying: 'in_progress',
  promoting: 'in_progress',
  baking: 'in_progress',
  confirming: 'in_progress',
  rollingBack: 'in_progress',
  stable: 'success',
  rolledBack: 'failure',
  failed: 'failure',
  halted: 'error',
  superseded: 'inactive',
};

interface ApiDeployment {
  readonly id: number;
  readonly sha: string;
  readonly task: string;
  readonly environment: string;
  readonly payload: unknown;
  readonly creator: unknown;
  readonly created_at: string;
}

interface ApiStatus {
  readonly id: number;
  readonly state: string;
  readonly description: unknown;
  readonly creator: unknown;
  readonly log_url?: unknown;
  readonly created_at: string;
}

/** A deployment of ours, and the key its creator made up for it. */
interface KeyedRecord {
  readonly record: LedgerRecord;
  readonly key: string;
}

/**
 * The ledger in GitHub's Deployments API. A deployment without a status of ours is `pending`:
 * so the record and its rollback point are written by one request, or not at all.
 */
export class GithubLedger implements Ledger {
  public readonly place: string;
  public readonly isAlive: Ledger['isAlive'];
  public readonly beganAt?: Ledger['beganAt'];
  public readonly hold?: Ledger['hold'];
  private readonly api: GithubApi;
  private readonly task: string;
  /** Where a lost answer led to more deployments than one: all that belong to a record's id. */
  private readonly twins = new Map<string, readonly string[]>();

  constructor(private readonly options: GithubLedgerOptions) {
    this.api = options.api;
    this.task = options.project === undefined ? 'delivery' : `delivery:${options.project}`;
    this.isAlive = options.isAlive;
    this.beganAt = options.beganAt;
    this.hold = options.hold;
    this.place = `${this.serverUrl}/${this.api.repository}/deployments`;
  }

  public async records(environment: string, { sha, isEnough }: RecordQuestion = {}): Promise<LedgerRecord[]> {
    const list = this.listOf(environment, sha);
    const read = (pages: readonly ApiDeployment[][]) => this.asRecords(environment, pages.flat());
    const isBounded = (pages: readonly ApiDeployment[][]) => areNewestFirst(pages) && pages.length >= PAGE_LIMIT;
    if (!isEnough && !sha) return read([await this.api.pages(list, isBounded)]);
    const first = await this.api.request({ ...list, parameters: { ...list.parameters, per_page: FIRST_PAGE, page: 1 } });
    const suffices = (pages: readonly ApiDeployment[][]) => areNewestFirst(pages) && (isEnough?.(read(pages)) ?? false);
    if (!first.hasNextPage || suffices([first.data])) return read([first.data]);
    const deployments = await this.api.pages(list, (pages) => isBounded(pages) || suffices(pages));
    return read([deployments]);
  }

  public async history(record: LedgerRecord): Promise<Entry[]> {
    const ids = this.twins.get(record.id) ?? [record.id];
    const statuses = (await Promise.all(ids.map((id) => this.statusesOf(id)))).flat();
    const entries = statuses.sort(oldestFirst).map(readEntry).filter((entry) => entry !== undefined);
    return countingEntries([{ state: 'pending', note: '', at: record.createdAt }, ...entries], record.processId);
  }

  public async create(record: NewRecord): Promise<LedgerRecord> {
    const key = randomUUID();
    const { environment, release } = record;
    const request: GithubRequest<ApiDeployment> = {
      what: `record a deployment to ${environment}`,
      route: 'POST /repos/{owner}/{repo}/deployments',
      permission: 'deployments: write',
      parameters: {
        ref: release.sha,
        task: this.task,
        environment,
        payload: { schema: SCHEMA, key, record },
        description: cut(`${record.kind} ${release.version}`),
        auto_merge: false,
        required_contexts: [],
      },
      isAnswer: isDeployment,
    };
    let mayBeWritten = false;
    const written = await this.api.patiently(async (before) => {
      // The answer was lost, perhaps not the request: a second record would be a second deployment.
      mayBeWritten ||= before?.mayBeDone ?? false;
      const found = mayBeWritten ? await this.find(environment, key) : undefined;
      if (found) return found;
      const { data } = await this.api.once(request);
      return { ...record, id: String(data.id), createdAt: data.created_at };
    });
    if (isDecision(written)) await this.markDecision(written);
    return written;
  }

  public async advance(record: LedgerRecord, entry: NewEntry): Promise<void> {
    const environmentUrl = this.options.environmentUrl?.(record.environment);
    await this.api.request({
      what: `record that ${record.environment} is ${entry.state}`,
      route: 'POST /repos/{owner}/{repo}/deployments/{deployment_id}/statuses',
      permission: 'deployments: write',
      parameters: {
        deployment_id: Number(record.id),
        state: API_STATES[entry.state],
        description: describe(entry),
        log_url: writerUrl(`${this.serverUrl}/${this.api.repository}`, record, entry),
        ...(environmentUrl && { environment_url: environmentUrl }),
        auto_inactive: false,
      },
      isAnswer: isStatus,
      // what is put down waits for nothing but this
      ...(PASSING.includes(entry.state) && !entry.releasesLease && { patienceMs: PASSING_PATIENCE_MS }),
    });
  }

  /** GitHub would show it as a deployment that waits. For a person only: the record is complete without it. */
  private async markDecision({ environment, id, kind, reason }: LedgerRecord): Promise<void> {
    await this.api.request({
      what: `mark the ${kind} of ${environment}`,
      route: 'POST /repos/{owner}/{repo}/deployments/{deployment_id}/statuses',
      permission: 'deployments: write',
      parameters: { deployment_id: Number(id), state: 'inactive', description: oneLine(`${kind}: ${reason ?? ''}`), auto_inactive: false },
      isAnswer: isStatus,
      patienceMs: PASSING_PATIENCE_MS,
    }).catch(() => undefined);
  }

  private readonly isOurs = ({ task, creator }: ApiDeployment): boolean => task === this.task && isBot(creator);

  private get serverUrl(): string {
    return this.options.serverUrl ?? 'https://github.com';
  }

  private listOf(environment: string, sha?: string): GithubRequest<ApiDeployment[]> {
    return {
      what: `list the deployments to ${environment}`,
      route: 'GET /repos/{owner}/{repo}/deployments',
      permission: 'deployments: read',
      parameters: { environment, task: this.task, ...(sha && { sha }) },
      isAnswer: (data) => isArrayOf(data, isDeployment),
    };
  }

  private async statusesOf(id: string): Promise<ApiStatus[]> {
    return this.api.pages({
      what: `list what became of deployment ${id}`,
      route: 'GET /repos/{owner}/{repo}/deployments/{deployment_id}/statuses',
      permission: 'deployments: read',
      parameters: { deployment_id: Number(id) },
      isAnswer: (data) => isArrayOf(data, isStatus),
    });
  }

  private async find(environment: string, key: string): Promise<LedgerRecord | undefined> {
    const found = (all: readonly ApiDeployment[]) => all.filter(this.isOurs).map(readDeployment).find((one) => one?.key === key)?.record;
    const request = { ...this.listOf(environment), what: `say whether it recorded a deployment to ${environment}` };
    // it is one of the newest
    return found(await this.api.pagesOnce(request, (pages) => found(pages.flat()) !== undefined || areNewestFirst(pages)));
  }

  /** One record for each key, the lowest id: a process that got no answer may have written twice. */
  private asRecords(environment: string, deployments: readonly ApiDeployment[]): LedgerRecord[] {
    const ours = deployments.filter((deployment) => this.isOurs(deployment) && deployment.environment === environment);
    const sameKey = new Map<string, LedgerRecord[]>();
    for (const deployment of ours) {
      const read = readDeployment(deployment);
      if (!read) continue;
      const others = sameKey.get(read.key) ?? [];
      if (!others.some(({ id }) => id === read.record.id)) sameKey.set(read.key, [...others, read.record]);
    }
    const records = [...sameKey.values()].map((twins) => {
      const [first, ...others] = twins.sort((a, b) => compareIds(a.id, b.id));
      // whoever wrote both knows it by the id that was answered, which need not be the first one
      if (others.length > 0) twins.forEach(({ id }) => this.twins.set(id, twins.map((twin) => twin.id)));
      return first;
    }).sort(newestFirst);
    refuseContradiction(environment, records);
    refuseNewerSchema(environment, ours, records[0]);
    return records;
  }
}

function readDeployment(deployment: ApiDeployment): KeyedRecord | undefined {
  const payload = payloadOf(deployment);
  if (!payload || payload.schema !== SCHEMA || !isText(payload.key)) return undefined;
  const record = readRecord(payload.record);
  // what the payload says and what GitHub says must be one thing
  if (!record || record.environment !== deployment.environment || record.release.sha !== deployment.sha) return undefined;
  return { key: payload.key, record: { ...record, id: String(deployment.id), createdAt: deployment.created_at } };
}

/** So much the clocks of GitHub's machines may differ. */
const CLOCKS_MS = 5 * 60_000;

/** GitHub does not promise that ids increase. Where its times say that they do not, which record is the newest is not guessed. */
function refuseContradiction(environment: string, newestRecordsFirst: readonly LedgerRecord[]): void {
  newestRecordsFirst.forEach((record, index) => {
    const before = newestRecordsFirst[index + 1];
    if (!before || Date.parse(before.createdAt) - Date.parse(record.createdAt) <= CLOCKS_MS) return;
    throw new LedgerError(
      `deployment ${record.id} has a larger id than deployment ${before.id} and was created earlier (${record.createdAt}, ${before.createdAt}), so the ledger does not say which of them is the newest of ${environment}. Delete the one that is wrong: gh api --method DELETE repos/{owner}/{repo}/deployments/<id>.`,
    );
  });
}

/** What is older may be passed over; what is newest decides, so it must be understood. */
function refuseNewerSchema(environment: string, deployments: readonly ApiDeployment[], newest: LedgerRecord | undefined): void {
  for (const deployment of deployments) {
    const schema = payloadOf(deployment)?.schema;
    if (!isNumber(schema) || schema <= SCHEMA) continue;
    if (newest && newestFirst(newest, { id: String(deployment.id) }) < 0) continue;
    throw new LedgerError(
      `the newest record of ${environment} (deployment ${deployment.id}) was written by a newer projen-delivery (schema ${schema}, this one knows ${SCHEMA}). ${unlessEjected('Update projen-delivery on this branch and run `npx projen`', 'Take .projen and the workflows from the branch that wrote it')}.`,
    );
  }
}

/** GitHub answers a payload as the object it was given, or as JSON text. */
function payloadOf({ payload }: ApiDeployment): Record<string, unknown> | undefined {
  if (isObject(payload)) return payload;
  try {
    const parsed: unknown = JSON.parse(String(payload));
    return isObject(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

const MARKS = { abandoned: ', abandoned', commandFailed: ', command failed', irreversible: ', irreversible' } as const;

function describe(entry: NewEntry): string {
  const marks = (Object.keys(MARKS) as (keyof typeof MARKS)[]).map((mark) => (entry[mark] ? MARKS[mark] : '')).join('');
  return oneLine(`${entry.state}${marks}: ${entry.note}`);
}

function oneLine(text: string): string {
  return cut(text.replace(/[\p{Cc}\s]+/gu, ' ').trim());
}

/** The link to a run says which of its processes wrote the entry, and from which one it takes the deployment. */
function writerUrl(repository: string, record: LedgerRecord, { processId = record.processId, takenFrom, releasesLease }: NewEntry): string {
  const [run, attempt, process] = processId.split('.');
  return `${repository}/actions/runs/${run}/attempts/${attempt}#${process}${takenFrom ? `,from=${takenFrom}` : ''}${releasesLease ? ',done' : ''}`;
}

function readWriter(url: unknown): Pick<Entry, 'processId' | 'takenFrom' | 'releasesLease'> {
  const [, run, attempt, process, takenFrom, releasesLease] = /\/actions\/runs\/(\d+)\/attempts\/(\d+)#(\w*)(?:,from=([\w.]+))?(,done)?$/.exec(isText(url) ? url : '') ?? [];
  return run === undefined ? {} : { processId: `${run}.${attempt}.${process}`, ...(takenFrom && { takenFrom }), ...(releasesLease && { releasesLease: true }) };
}

/** Strict: what others wrote about our deployment is no entry, nor what contradicts itself. */
function readEntry({ state: apiState, description, creator, log_url: url, created_at: at }: ApiStatus): Entry | undefined {
  const [, word, abandoned, commandFailed, irreversible, note = ''] =
    /^([A-Za-z]+)(, abandoned)?(, command failed)?(, irreversible)?:(?: (.*))?$/s.exec(isText(description) ? description : '') ?? [];
  const state = STATES.find((candidate) => candidate === word);
  if (!state || !isBot(creator) || API_STATES[state] !== apiState) return undefined;
  const marks = { ...(abandoned && { abandoned: true }), ...(commandFailed && { commandFailed: true }), ...(irreversible && { irreversible: true }) };
  return { state, note, ...marks, ...readWriter(url), at };
}

function cut(text: string): string {
  if (text.length <= DESCRIPTION_LIMIT) return text;
  // never half of a character that takes two units
  return `${text.slice(0, DESCRIPTION_LIMIT - 3).replace(/[\uD800-\uDBFF]$/, '')}...`;
}

function areNewestFirst(pages: readonly ApiDeployment[][]): boolean {
  const ids = pages.flat().map(({ id }) => ({ id: String(id) }));
  return ids.every((placed, index) => index === 0 || newestFirst(ids[index - 1], placed) <= 0);
}

/** By id, not by time: the database gives one id after the other, while each of GitHub's machines has a clock of its own. */
function oldestFirst(a: ApiStatus, b: ApiStatus): number {
  return a.id - b.id;
}

function isBot(creator: unknown): boolean {
  return isObject(creator) && creator.login === BOT;
}

function isDeployment(data: unknown): data is ApiDeployment {
  return isObject(data) && isNumber(data.id) && isText(data.sha) && isText(data.task) && isText(data.environment) && isText(data.created_at);
}

function isStatus(data: unknown): data is ApiStatus {
  return isObject(data) && isNumber(data.id) && isText(data.state) && isText(data.created_at);
}

function isArrayOf<T>(data: unknown, isItem: (item: unknown) => item is T): data is T[] {
  return Array.isArray(data) && data.every(isItem);
}

