import { GithubApi } from './api';
import { isNumber, isObject, isText } from '../../ledger/record';
import { AlertEntry, AlertWord, NewAlertEntry } from '../../monitoring/alert-entry';
import { AlertState } from '../../monitoring/alert-lifecycle';
import { AlertLog, Episode } from '../../monitoring/alert-log';
import { packCarried, unpackCarried } from '../../monitoring/carried-alerts';

export interface GithubAlertLogOptions {
  readonly api: Pick<GithubApi, 'pages' | 'request' | 'repository'>;
  /** The subproject's name. @default - the root project */
  readonly project?: string;
  /** For links to runs. @default 'https://github.com' */
  readonly serverUrl?: string;
  /** A commit of the repository: every deployment has one. */
  readonly sha: string;
  /** This process. */
  readonly processId: string;
}

const BOT = 'github-actions[bot]';
const SCHEMA = 1;
const DESCRIPTION_LIMIT = 140;
/** So many pages of 100 episodes are read where they do not come newest first; else one, whatever has been. */
const PAGE_LIMIT = 10;

interface ApiDeployment {
  readonly id: number;
  readonly task: string;
  readonly environment: string;
  readonly payload: unknown;
  readonly creator: unknown;
}

interface ApiStatus {
  readonly id: number;
  readonly description: unknown;
  readonly creator: unknown;
  readonly log_url?: unknown;
  readonly created_at: string;
}

/**
 * Alerts in GitHub's Deployments API, beside the deployments: a task of their own keeps them out of what reads those, and every
 * status is `inactive`, so that GitHub shows none as live. An episode is a deployment, its entries are statuses: the description is
 * for people, the link to the run says the rest.
 */
export class GithubAlertLog implements AlertLog {
  private readonly task: string;

  constructor(private readonly options: GithubAlertLogOptions) {
    this.task = options.project === undefined ? 'delivery-alert' : `delivery-alert:${options.project}`;
  }

  public async episodes(environments: readonly string[]): Promise<Episode[]> {
    const { episodes, isAll } = await this.list({});
    // an alert may fire for longer than a hundred others took to come and go
    const missing = isAll ? [] : environments.filter((name) => !episodes.some(({ environment }) => environment === name));
    return [...episodes, ...(await Promise.all(missing.map((name) => this.episodesOf(name)))).flat()];
  }

  public async episodesOf(environment: string): Promise<Episode[]> {
    return (await this.list({ environment })).episodes;
  }

  private async list(filter: { readonly environment?: string }): Promise<{ readonly episodes: Episode[]; readonly isAll: boolean }> {
    let isAll = true;
    const all = await this.options.api.pages<ApiDeployment>({
      what: 'list the alerts',
      route: 'GET /repos/{owner}/{repo}/deployments',
      permission: 'deployments: read',
      parameters: { task: this.task, ...filter },
      isAnswer: (data) => isArrayOf(data, isDeployment),
    }, (pages) => {
      isAll = !areNewestFirst(pages.flat()) && pages.length < PAGE_LIMIT;
      return !isAll;
    });
    const ours = all.filter(({ task, creator }) => task === this.task && isBot(creator));
    return { episodes: ours.map(readEpisode).filter((one) => one !== undefined), isAll };
  }

  public async entries({ id }: Episode): Promise<AlertEntry[]> {
    const statuses = await this.options.api.pages<ApiStatus>({
      what: `list what became of alert ${id}`,
      route: 'GET /repos/{owner}/{repo}/deployments/{deployment_id}/statuses',
      permission: 'deployments: read',
      parameters: { deployment_id: Number(id) },
      isAnswer: (data) => isArrayOf(data, isStatus),
    });
    // by id, not by time: the database gives one id after the other
    return statuses.sort((a, b) => a.id - b.id).map(readEntry).filter((one) => one !== undefined);
  }

  public async begin(environment: string, after: string, carried?: AlertState): Promise<Episode> {
    const { api, sha, processId } = this.options;
    const { data } = await api.request<ApiDeployment>({
      what: `record an alert of ${environment}`,
      route: 'POST /repos/{owner}/{repo}/deployments',
      permission: 'deployments: write',
      parameters: {
        ref: sha,
        task: this.task,
        environment,
        payload: { schema: SCHEMA, after, processId, ...(carried && { carried: packCarried(carried) }) },
        description: 'something is wrong here: see what became of it',
        auto_merge: false,
        required_contexts: [],
        production_environment: false,
      },
      isAnswer: isDeployment,
    });
    return { id: String(data.id), environment, after, processId, carried };
  }

  public async write({ id, environment }: Episode, entry: NewAlertEntry): Promise<string> {
    const { data } = await this.options.api.request<ApiStatus>({
      what: `record an alert of ${environment}`,
      route: 'POST /repos/{owner}/{repo}/deployments/{deployment_id}/statuses',
      permission: 'deployments: write',
      parameters: { deployment_id: Number(id), state: 'inactive', description: describe(entry), log_url: this.linkOf(entry), auto_inactive: false },
      isAnswer: isStatus,
    });
    return String(data.id);
  }

  private linkOf(entry: NewAlertEntry): string {
    const { api, serverUrl = 'https://github.com', processId } = this.options;
    const [run, attempt, process] = processId.split('.');
    return `${serverUrl}/${api.repository}/actions/runs/${run}/attempts/${attempt}#${[process, ...spelled(entry)].join(',')}`;
  }
}

function spelled(entry: NewAlertEntry): string[] {
  switch (entry.kind) {
    case 'change': return [entry.word, entry.check, entry.after || '0', String(entry.count)];
    case 'told': return ['told', entry.of, entry.channels.join('.')];
    case 'taken': return ['taken', entry.of, entry.takenFrom];
    case 'closed':
    case 'continued': return [entry.kind];
  }
}

function describe(entry: NewAlertEntry): string {
  const said = {
    change: () => (entry.kind === 'change' ? `${entry.word}: ${entry.note}` : ''),
    told: () => 'people were told',
    taken: () => 'people are told again: the process that did is gone, or could not reach everyone',
    closed: () => 'nothing fires any more',
    continued: () => 'this goes on in another record: see the next one',
  }[entry.kind]();
  return cut(said.replace(/[\p{Cc}\s]+/gu, ' ').trim());
}

const WORDS: readonly string[] = ['pending', 'cleared', 'firing', 'recovering', 'reminder', 'resolved', 'unwatched', 'rollback'] satisfies AlertWord[];
const LINK = /\/actions\/runs\/(\d+)\/attempts\/(\d+)#(\w*),([a-z]+)(?:,([\w.,]*))?$/;

/** Strict: what others wrote is no entry. */
function readEntry({ id, created_at: at, creator, description, log_url: url }: ApiStatus): AlertEntry | undefined {
  const [, run, attempt, process, word, rest = ''] = LINK.exec(isText(url) ? url : '') ?? [];
  if (run === undefined || !isBot(creator)) return undefined;
  const entry = readWord(word, rest.split(','), isText(description) ? description : '');
  return entry && { ...entry, id: String(id), processId: `${run}.${attempt}.${process}`, at };
}

function readWord(word: string, [first = '', second = '', third = '']: string[], description: string): NewAlertEntry | undefined {
  if (WORDS.includes(word)) {
    const note = description.slice(description.indexOf(': ') + 2);
    return { kind: 'change', word: word as AlertWord, check: first, after: second === '0' ? '' : second, count: Number(third) || 0, note };
  }
  if (word === 'told') return { kind: 'told', of: first, channels: second.split('.').filter((one) => one !== '') };
  if (word === 'taken') return { kind: 'taken', of: first, takenFrom: second };
  return word === 'closed' || word === 'continued' ? { kind: word } : undefined;
}

function readEpisode({ id, environment, payload }: ApiDeployment): Episode | undefined {
  const { schema, after, carried: packed, processId } = payloadOf(payload);
  const carried = unpackCarried(packed);
  if (schema !== SCHEMA || !isText(after) || !isText(processId) || (packed !== undefined && !carried)) return undefined;
  return { id: String(id), environment, after, processId, carried };
}

/** GitHub answers a payload as the object it was given, or as JSON text. */
function payloadOf(payload: unknown): Record<string, unknown> {
  if (isObject(payload)) return payload;
  try {
    const parsed: unknown = JSON.parse(String(payload));
    return isObject(parsed) ? parsed : {};
  } catch {
    return {};
  }
}

function cut(text: string): string {
  if (text.length <= DESCRIPTION_LIMIT) return text;
  // never half of a character that takes two units
  return `${text.slice(0, DESCRIPTION_LIMIT - 3).replace(/[\uD800-\uDBFF]$/, '')}...`;
}

function isBot(creator: unknown): boolean {
  return isObject(creator) && creator.login === BOT;
}

function areNewestFirst(deployments: readonly ApiDeployment[]): boolean {
  return deployments.every(({ id }, index) => index === 0 || deployments[index - 1].id > id);
}

function isDeployment(data: unknown): data is ApiDeployment {
  return isObject(data) && isNumber(data.id) && isText(data.task) && isText(data.environment);
}

function isStatus(data: unknown): data is ApiStatus {
  return isObject(data) && isNumber(data.id) && isText(data.created_at);
}

function isArrayOf<T>(data: unknown, isItem: (item: unknown) => item is T): data is T[] {
  return Array.isArray(data) && data.every(isItem);
}
