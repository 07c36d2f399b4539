import { randomUUID } from 'node:crypto';
import { GithubApi, GithubRequest } from './api';
import {
  AppendOptions, asWritten, compareIds, Event, EventLog, EventLogError, EventStatus, newestFirst, NewEvent, NewStream, oneLine, Stream, StreamList,
  StreamQuery, StreamRef, Topic,
} from '../../event-log/event-log';
import {
  isSchema, newerSchemaError, readSchemaFields, readVersion, SCHEMA, schemaFields, upgradedEvent, upgradedRecord, WRITTEN,
} from '../../event-log/schema';
import { isListOf, isNumber, isObject, isText, parseJson } from '../../json-value';

export interface GithubEventLogOptions {
  readonly api: Pick<GithubApi, 'once' | 'pages' | 'pagesOnce' | 'patiently' | 'repository' | 'request'>;
  /** The subproject's name. @default - the root project */
  readonly project?: string;
  /** For links to runs. @default 'https://github.com' */
  readonly serverUrl?: string;
}

/** Only entries of this user are read. */
const BOT = 'github-actions[bot]';
const PAGE_SIZE = 100;
/** The limit of pages to read while they are in order, newest first; GitHub does not guarantee the order. */
const PAGE_LIMIT = 10;
/** How long to retry the text that closes a record: the record is complete without it. */
const CLOSING_PATIENCE_MS = 5000;
/** How much the clocks of GitHub's machines may differ. */
const CLOCKS_MS = 5 * 60_000;

/** The names of a topic at GitHub and in messages. */
const TOPICS: Record<Topic, { readonly task: string; readonly one: string; readonly many: string }> = {
  deployment: { task: 'delivery', one: 'a deployment to', many: 'the deployments to' },
  alert: { task: 'delivery-alert', one: 'an alert of', many: 'the alerts of' },
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
  readonly environment_url?: unknown;
  readonly created_at: string;
}

/**
 * Streams in GitHub's Deployments API: a stream is a deployment with its record as the payload, an event is a status of it. The text of
 * an event is the description of the status; its process and fields are in the link to the run.
 */
export class GithubEventLog implements EventLog {
  public readonly place: string;
  public readonly textLimit = 140;
  private readonly api: GithubEventLogOptions['api'];
  private readonly url: string;
  /** Per deployment id, the ids of all deployments of the same stream: a lost response can lead to several. */
  private readonly twins = new Map<string, readonly string[]>();

  /** The ids of the deployments that this process created: GitHub may not find them at once. */
  private readonly created = new Set<string>();

  constructor(private readonly options: GithubEventLogOptions) {
    this.api = options.api;
    this.url = `${options.serverUrl ?? 'https://github.com'}/${options.api.repository}`;
    this.place = `${this.url}/deployments`;
  }

  public async streams(query: StreamQuery): Promise<StreamList> {
    const list = this.listOf(query);
    const read = (pages: readonly ApiDeployment[][]) => this.readStreams(query, pages.flat());
    const isBounded = (pages: readonly ApiDeployment[][]) => (
      (areNewestFirst(pages) && pages.length >= PAGE_LIMIT) || (query.limit !== undefined && pages.length * PAGE_SIZE >= query.limit)
    );
    const suffices = (pages: readonly ApiDeployment[][]) => areNewestFirst(pages) && (query.isEnough?.(read(pages)) ?? false);
    if (query.expected !== undefined) {
      const { data, hasNextPage } = await this.api.request({ ...list, parameters: { ...list.parameters, per_page: query.expected, page: 1 } });
      if (!hasNextPage || suffices([data])) return { streams: read([data]), isComplete: !hasNextPage };
    }
    let isComplete = true;
    const found = await this.api.pages(list, (pages) => {
      isComplete = !isBounded(pages) && !suffices(pages);
      return !isComplete;
    });
    return { streams: read([found]), isComplete };
  }

  public async create(stream: NewStream): Promise<Stream> {
    const key = randomUUID();
    const request = this.creationOf(stream, key);
    let mayBeWritten = false;
    const written = await this.api.patiently(async (before) => {
      // if only the response was lost, a second request would create a second stream
      mayBeWritten ||= before?.mayBeDone ?? false;
      const found = mayBeWritten ? await this.find(stream, key) : undefined;
      if (found) return found;
      const { data } = await this.api.once(request);
      const { topic, environment, sha, record } = stream;
      return { topic, environment, sha, record, key, id: String(data.id), createdAt: data.created_at, writtenBy: WRITTEN.writtenBy };
    });
    this.created.add(written.id);
    if (stream.closingText !== undefined) await this.close(written, stream.closingText);
    return written;
  }

  public async append({ environment, id }: StreamRef, event: NewEvent, { patienceMs }: AppendOptions = {}): Promise<Event> {
    const { fields, processId, status, text, url } = asWritten(event, this.textLimit);
    const { data } = await this.api.request({
      what: `record '${text.split(':')[0]}' for ${environment}`,
      route: 'POST /repos/{owner}/{repo}/deployments/{deployment_id}/statuses',
      permission: 'deployments: write',
      parameters: {
        deployment_id: Number(id),
        state: status,
        description: text,
        log_url: this.linkOf(processId, fields),
        ...(url && { environment_url: url }),
        auto_inactive: false,
      },
      isExpected: isStatus,
      showsLate: this.created.has(id),
      ...(patienceMs !== undefined && { patienceMs }),
    });
    return { status, text, fields, processId, url, id: String(data.id), at: data.created_at };
  }

  public async read({ id, topic }: StreamRef): Promise<Event[]> {
    const ids = this.twins.get(id) ?? [id];
    const statuses = (await Promise.all(ids.map((one) => this.statusesOf(one, topic)))).flat();
    return statuses.filter(({ creator }) => isBot(creator)).sort((a, b) => a.id - b.id).map((status) => readEvent(topic, status))
      .filter((event) => event !== undefined);
  }

  /** Others may have written it. */
  public notUnderstood(): void {}

  private creationOf({ environment, record, sha, title, topic }: NewStream, key: string): GithubRequest<ApiDeployment> {
    return {
      what: `record ${TOPICS[topic].one} ${environment}`,
      route: 'POST /repos/{owner}/{repo}/deployments',
      permission: 'deployments: write',
      parameters: {
        ref: sha,
        task: this.taskOf(topic),
        environment,
        payload: { ...WRITTEN, key, record },
        description: oneLine(title, this.textLimit),
        auto_merge: false,
        required_contexts: [],
        // GitHub treats every environment called production as one
        ...(topic !== 'deployment' && { production_environment: false }),
      },
      isExpected: isDeployment,
    };
  }

  /** Otherwise GitHub shows it as a waiting deployment. The record is complete without it. */
  private async close({ environment, id, topic }: Stream, text: string): Promise<void> {
    await this.api.request({
      what: `close the record of ${TOPICS[topic].one} ${environment}`,
      route: 'POST /repos/{owner}/{repo}/deployments/{deployment_id}/statuses',
      permission: 'deployments: write',
      parameters: { deployment_id: Number(id), state: 'inactive', description: oneLine(text, this.textLimit), auto_inactive: false },
      isExpected: isStatus,
      showsLate: this.created.has(id),
      patienceMs: CLOSING_PATIENCE_MS,
    }).catch(() => undefined);
  }

  private async find({ environment, topic }: NewStream, key: string): Promise<Stream | undefined> {
    const found = (all: readonly ApiDeployment[]) => this.ours(topic, all).map((one) => readStream(topic, one)).find((one) => one?.key === key);
    const request = { ...this.listOf({ topic, environment }), what: `report whether it recorded ${TOPICS[topic].one} ${environment}` };
    // it is one of the newest
    return found(await this.api.pagesOnce(request, (pages) => found(pages.flat()) !== undefined || areNewestFirst(pages)));
  }

  private listOf({ environment, sha, topic }: StreamQuery): GithubRequest<ApiDeployment[]> {
    return {
      what: `list ${TOPICS[topic].many} ${environment ?? 'all environments'}`,
      route: 'GET /repos/{owner}/{repo}/deployments',
      permission: 'deployments: read',
      parameters: { ...(environment !== undefined && { environment }), task: this.taskOf(topic), ...(sha && { sha }) },
      isExpected: (data) => isListOf(data, isDeployment),
    };
  }

  private async statusesOf(id: string, topic: Topic): Promise<ApiStatus[]> {
    return this.api.pages({
      what: `list the statuses of ${topic} ${id}`,
      route: 'GET /repos/{owner}/{repo}/deployments/{deployment_id}/statuses',
      permission: 'deployments: read',
      parameters: { deployment_id: Number(id) },
      isExpected: (data) => isListOf(data, isStatus),
      showsLate: this.created.has(id),
    });
  }

  private taskOf(topic: Topic): string {
    const { task } = TOPICS[topic];
    return this.options.project === undefined ? task : `${task}:${this.options.project}`;
  }

  private ours(topic: Topic, deployments: readonly ApiDeployment[]): ApiDeployment[] {
    return deployments.filter(({ creator, task }) => task === this.taskOf(topic) && isBot(creator));
  }

  /** One stream for each key, with the lowest id. Remembers which deployments are one stream. */
  private readStreams({ environment, topic }: StreamQuery, deployments: readonly ApiDeployment[]): Stream[] {
    const ours = this.ours(topic, deployments).filter((one) => environment === undefined || one.environment === environment);
    const created = new Map<string, Stream[]>();
    for (const stream of ours.map((one) => readStream(topic, one)).filter((one) => one !== undefined)) {
      // one request says all of these
      const creation = JSON.stringify([stream.key, stream.sha, stream.environment]);
      const others = created.get(creation) ?? [];
      if (!others.some(({ id }) => id === stream.id)) created.set(creation, [...others, stream]);
    }
    const streams = [...created.values()].map((twins) => {
      const [first, ...others] = twins.sort((a, b) => compareIds(a.id, b.id));
      // its creator knows it by the id of the response, which need not be the first one
      if (others.length > 0) twins.forEach(({ id }) => this.twins.set(id, twins.map((twin) => twin.id)));
      return first!;
    }).sort(newestFirst);
    rejectContradiction(streams);
    return streams;
  }

  /** The link to a run; its fragment contains the process that wrote the event, and the fields. */
  private linkOf(processId: string, fields: readonly string[]): string {
    const [run, attempt, process] = processId.split('.');
    return `${this.url}/actions/runs/${run}/attempts/${attempt}#${[process, ...fields, ...schemaFields(WRITTEN)].join(',')}`;
  }
}

const LINK = /\/actions\/runs\/(\d+)\/attempts\/(\d+)#(\w*)((?:,[\w.=]*)*)$/;
const STATUSES: readonly EventStatus[] = ['queued', 'in_progress', 'success', 'failure', 'error', 'inactive'];

function readEvent(topic: Topic, { created_at: at, description, environment_url: url, id, log_url: link, state }: ApiStatus): Event | undefined {
  const status = STATUSES.find((known) => known === state);
  if (!status) return undefined;
  const [, run, attempt, process, texts = ''] = LINK.exec(isText(link) ? link : '') ?? [];
  const { fields, writer } = readSchemaFields(texts.split(',').slice(1));
  if (writer.schema > SCHEMA) throw newerSchemaError(`an entry of a record of ${topic}s (status ${id})`, writer);
  return upgradedEvent({
    id: String(id),
    status,
    text: isText(description) ? description : '',
    fields,
    ...(run !== undefined && { processId: `${run}.${attempt}.${process}` }),
    ...(isText(url) && url !== '' && { url }),
    at,
  }, topic, writer.schema);
}

function readStream(topic: Topic, deployment: ApiDeployment): Stream | undefined {
  const { key, record, schema, writtenBy: version } = payloadOf(deployment);
  if (!isSchema(schema)) return undefined;
  const { created_at: createdAt, environment, id, sha } = deployment;
  const writtenBy = readVersion(version);
  const stream = { topic, environment, sha, id: String(id), createdAt, ...(writtenBy !== undefined && { writtenBy }) };
  // it may have no key, or another one
  if (schema > SCHEMA) return { ...stream, record: {}, key: `deployment ${id}`, newerSchema: schema };
  return isText(key) && isObject(record) ? { ...stream, record: upgradedRecord(record, topic, schema), key } : undefined;
}

/** GitHub does not guarantee that ids increase. If its times contradict the ids, the newest stream is unknown. */
function rejectContradiction(newestStreamsFirst: readonly Stream[]): void {
  const newerOf = new Map<string, Stream>();
  for (const stream of newestStreamsFirst) {
    const newer = newerOf.get(stream.environment);
    newerOf.set(stream.environment, stream);
    if (!newer || Date.parse(stream.createdAt) - Date.parse(newer.createdAt) <= CLOCKS_MS) continue;
    throw new EventLogError(
      `deployment ${newer.id} has a larger id than deployment ${stream.id} and was created earlier (${newer.createdAt}, ${stream.createdAt}), so it is not certain which of them is the newest of ${stream.environment}. Delete the one that is wrong: gh api --method DELETE repos/{owner}/{repo}/deployments/<id>.`,
    );
  }
}

/** GitHub returns a payload as an object or as JSON text. */
function payloadOf({ payload }: ApiDeployment): Record<string, unknown> {
  const read = isObject(payload) ? payload : parseJson(String(payload));
  return isObject(read) ? read : {};
}

function areNewestFirst(pages: readonly ApiDeployment[][]): boolean {
  const ids = pages.flat().map(({ id }) => ({ id: String(id) }));
  return ids.every((placed, index) => index === 0 || newestFirst(ids[index - 1]!, placed) <= 0);
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
