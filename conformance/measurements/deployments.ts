import { until } from '../github';
import { MEASURE_ENVIRONMENT, PROBE_TASK } from '../place';
import { Context, Measurement } from './measurement';
import { Findings } from '../table';

interface ApiDeployment {
  readonly id: number;
  readonly payload: unknown;
  readonly creator: { readonly login: string } | null;
}

interface ApiStatus {
  readonly id: number;
  readonly state: string;
  readonly description: string;
  readonly log_url: string;
}

/** Within this the ledger reads its own writes back. */
const READ_BACK_MS = 10_000;
const PATIENCE_MS = 60_000;
const PAYLOAD_BYTES = 16 * 1024;
const STATUSES = 20;

/** What the ledger on GitHub rests on: deployments, in the order in which they were made, and their statuses. */
export const deployments: Measurement = {
  ids: [
    'deployment-read-after-write', 'deployments-newest-first', 'deployment-ids-increase', 'payload-kept', 'creator-is-bot',
    'status-read-after-write', 'status-ids-increase', 'description-kept', 'log-url-kept', 'auto-inactive-off',
  ],
  measure: async (context) => {
    const payload = { token: context.token, text: 'x'.repeat(PAYLOAD_BYTES) };
    const made: ApiDeployment[] = [];
    for (let count = 0; count < 3; count++) made.push(await create(context, payload));
    return { ...await measureList(context, made, payload), ...await measureStatuses(context, made) };
  },
};

async function create({ github, sha }: Context, payload: unknown): Promise<ApiDeployment> {
  const { data } = await github.post<ApiDeployment>('/deployments', {
    ref: sha, task: PROBE_TASK, environment: MEASURE_ENVIRONMENT, payload, auto_merge: false, required_contexts: [],
  });
  return data;
}

async function measureList({ github }: Context, made: readonly ApiDeployment[], payload: object): Promise<Findings> {
  const { found: listed, ms } = await timed('the deployments to be listed', async () => {
    const all = await github.list<ApiDeployment>(`/deployments?environment=${MEASURE_ENVIRONMENT}&task=${PROBE_TASK}`);
    const ours = all.filter(({ id }) => made.some((one) => one.id === id));
    return ours.length === made.length ? ours : undefined;
  });
  const order = listed.map(({ id }) => made.findIndex((one) => one.id === id) + 1);
  const kept = listed.filter((one) => JSON.stringify(asObject(one.payload)) === JSON.stringify(payload)).length;
  const creators = [...new Set(listed.map(({ creator }) => creator?.login ?? 'no one'))];
  return {
    'deployment-read-after-write': { measured: `all were listed after ${seconds(ms)}`, holds: ms <= READ_BACK_MS },
    'deployments-newest-first': { measured: `listed in the order ${order.join(', ')} of ${made.length}`, holds: order.join() === '3,2,1' },
    'deployment-ids-increase': { measured: made.map(({ id }) => id).join(', '), holds: increase(made.map(({ id }) => id)) },
    'payload-kept': { measured: `${kept} of ${listed.length} came back as they were`, holds: kept === listed.length },
    'creator-is-bot': { measured: creators.join(', '), holds: creators.join() === 'github-actions[bot]' },
  };
}

async function measureStatuses({ github, env, runId, token }: Context, [first, second]: readonly ApiDeployment[]): Promise<Findings> {
  const description = 'd'.repeat(140);
  const url = `${env.GITHUB_SERVER_URL ?? 'https://github.com'}/${env.GITHUB_REPOSITORY}/actions/runs/${runId}/attempts/1#${token},from=1.1.abc,done,outputs=${'A'.repeat(950)}`;
  const write = async ({ id }: ApiDeployment, state: string) => (await github.post<ApiStatus>(
    `/deployments/${id}/statuses`, { state, description, log_url: url, auto_inactive: false },
  )).data.id;
  const ids: number[] = [];
  for (let count = 1; count < STATUSES; count++) ids.push(await write(first, 'in_progress'));
  ids.push(await write(first, 'success'));
  const { found: listed, ms } = await timed('the statuses to be listed', async () => {
    const all = await github.list<ApiStatus>(`/deployments/${first.id}/statuses`);
    return all.length >= STATUSES ? all : undefined;
  });
  await write(second, 'success');
  const after = (await github.list<ApiStatus>(`/deployments/${first.id}/statuses`)).map(({ state }) => state);
  return {
    'status-read-after-write': { measured: `all were listed after ${seconds(ms)}`, holds: ms <= READ_BACK_MS },
    'status-ids-increase': { measured: `${listed.length} statuses, ids ${increase(ids) ? 'increase' : 'do not increase'}`, holds: increase(ids) && listed.length === STATUSES },
    'description-kept': every(listed, (one) => one.description === description),
    'log-url-kept': every(listed, (one) => one.log_url === url),
    'auto-inactive-off': { measured: `the earlier one has ${after.filter((state) => state === 'inactive').length} inactive statuses`, holds: !after.includes('inactive') },
  };
}

async function timed<T>(what: string, look: () => Promise<T | undefined>): Promise<{ readonly found: T; readonly ms: number }> {
  const startedAt = Date.now();
  const found = await until(what, PATIENCE_MS, look);
  return { found, ms: Date.now() - startedAt };
}

function every<T>(all: readonly T[], isRight: (one: T) => boolean): { readonly measured: string; readonly holds: boolean } {
  const right = all.filter(isRight).length;
  return { measured: `${right} of ${all.length} came back as they were`, holds: right === all.length };
}

function increase(ids: readonly number[]): boolean {
  return ids.every((id, index) => index === 0 || id > ids[index - 1]);
}

/** GitHub gives a payload back as an object, to some clients as text. */
function asObject(payload: unknown): unknown {
  return typeof payload === 'string' ? JSON.parse(payload) : payload;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
