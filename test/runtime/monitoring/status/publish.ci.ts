/** The status page on a branch of GitHub's, written through its API as its description has it. */
import { readFileSync, writeFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { StatusPageManifest } from '../../../../src/manifest';
import { Given } from '../../../../src/runtime/commands/command';
import { openLog } from '../../../../src/runtime/job/log';
import { StablePointer } from '../../../../src/runtime/ledger/ledger';
import { openGithubApi } from '../../../../src/runtime/ledger/open';
import { publish } from '../../../../src/runtime/monitoring/status/publish';
import { readData, StatusData } from '../../../../src/runtime/monitoring/status/status-data';
import { Surroundings } from '../../../../src/runtime/surroundings';
import { Permissions } from '../../../github/stand-in';
import { answer } from '../../../misbehaving-server';
import { TO_ROLLED_BACK } from '../../ledger/records';
import { V1, V2, WatchWorld } from '../watch/watch-world';

const BRANCH: StatusPageManifest = { kind: 'branch', branch: 'delivery-status' };

let world: WatchWorld;

afterEach(async () => {
  expect(world.github.violations).toEqual([]);
  await world.destroy();
});

interface Written {
  readonly code: number;
  readonly output: string;
}

/** What the step after the watch does. */
async function write(measured: string, permissions: Permissions = { contents: 'write', deployments: 'read' }, flags: Given['flags'] = {}): Promise<Written> {
  const output: string[] = [];
  const all = world.manifest.environments.map(({ name }): Surroundings => {
    const surroundings = world.surroundings(world.begin(), name);
    const processEnv = { ...surroundings.processEnv, GITHUB_TOKEN: world.github.token(permissions), DELIVERY_MEASURED: measured };
    const api = openGithubApi({ env: processEnv, clock: { ...world.clock, sleep: async () => undefined } });
    return { ...surroundings, processEnv, api: () => api, log: openLog({ write: (text) => void output.push(text), inCi: true, secrets: [] }) };
  });
  return { code: await publish(all, { json: false, flags }), output: output.join('') };
}

function data(folder = ''): StatusData {
  const read = readData(world.github.filesOf('delivery-status')![`${folder}data.json`]);
  if (read === undefined || read === 'newer') throw new Error('no data');
  return read;
}

/** The release that is live, as the next record points at it. */
async function stable(): Promise<StablePointer> {
  const [{ createdAt, id }] = await world.surroundings(1, 'production').ledger.records('production');
  return { recordId: id, release: V1, since: createdAt };
}

const runs = () => data().environments.production.overall.runs;

describe('a status page on a branch', () => {
  beforeEach(async () => {
    world = await WatchWorld.create({ statusPage: BRANCH });
    await world.deployed();
  });

  it('is made, with what the watch measured, and moved forward by each run', async () => {
    await write((await world.watch()).outputs.measured);
    expect(Object.keys(world.github.filesOf('delivery-status')!).sort()).toEqual(['.nojekyll', 'README.md', 'badge-production.svg', 'data.json', 'index.html']);
    expect(world.github.filesOf('delivery-status')!['badge-production.svg']).toContain('production: v1 healthy');
    world.service.behave(answer(500));
    const second = await world.watch();
    expect(second.code).toBe(1);
    expect(await write(second.outputs.measured)).toMatchObject({ code: 0 });
    expect(runs().map(({ mark }) => mark)).toEqual(['healthy', 'bad']);
    expect(world.github.historyOf('delivery-status')).toHaveLength(2);
    expect(world.github.filesOf('delivery-status')!['index.html']).toContain('firing: health on production');
    expect(data().environments.production.alerts).toMatchObject([{ check: 'health' }]);
    expect(world.github.requests.filter(({ method }) => method === 'PATCH').map(({ body }) => body)).toEqual([{ sha: expect.any(String) as string, force: false }]);
  });

  it('shows when it was well again, and what was rolled back', async () => {
    world.service.behave(answer(500));
    await write((await world.watch()).outputs.measured);
    world.service.behave(answer(200));
    await write((await world.watch()).outputs.measured);
    await world.deployed(V2, TO_ROLLED_BACK, { stable: await stable() });
    await write((await world.watch()).outputs.measured);
    expect(data().environments.production.alerts).toMatchObject([{ check: 'health', until: expect.any(Number) as number }]);
    expect(world.github.filesOf('delivery-status')!['index.html']).toContain('v2 was rolled back to v1');
  });

  it('asks GitHub for little once everything is known', async () => {
    await write((await world.watch()).outputs.measured);
    const { outputs } = await world.watch();
    world.github.requests.splice(0);
    await write(outputs.measured);
    expect(world.github.requests.map(({ method, path }) => `${method} ${path.replace('/repos/acme/shop/', '').replace(/[0-9a-f]{40}/, 'SHA').replace('%2F', '/')}`)).toEqual([
      'GET git/ref/heads/delivery-status', 'GET git/trees/SHA', 'GET git/blobs/SHA', 'GET deployments', 'GET deployments', 'GET git/commits/SHA', 'POST git/trees', 'POST git/commits',
      'PATCH git/refs/heads/delivery-status',
    ]);
  });

  it('loses nothing when runs overlap', async () => {
    const measured = [];
    for (let i = 0; i < 5; i++) measured.push((await world.watch()).outputs.measured);
    expect((await Promise.all(measured.map((one) => write(one)))).map(({ code }) => code)).toEqual([0, 0, 0, 0, 0]);
    expect(runs()).toHaveLength(5);
    expect(world.github.requests.some(({ method, path, status }) => method !== 'GET' && path.includes('/git/refs') && status === 422)).toBe(true);
  });

  it('is written once where the answer was lost', async () => {
    await write((await world.watch()).outputs.measured);
    world.github.fail({ method: 'PATCH', path: /git\/refs/, misbehaviour: { kind: 'dropReply' } });
    await write((await world.watch()).outputs.measured);
    expect(runs()).toHaveLength(2);
  });

  it.each([['its data', '<html>'], ['a part of its data', '{"writtenBy":"projen-delivery","schema":1}']])('begins anew where %s is damaged, and says so', async (_, text) => {
    world.github.addFiles('delivery-status', { '.nojekyll': '', 'data.json': text });
    expect((await write((await world.watch()).outputs.measured)).output).toContain('What was measured before is lost');
    expect(runs()).toHaveLength(1);
  });

  it('never touches a branch that holds something else', async () => {
    world.github.addFiles('delivery-status', { 'package.json': '{}' });
    const { outputs } = await world.watch();
    await expect(write(outputs.measured)).rejects.toThrow('the branch delivery-status holds something else than a status page, and is left as it is');
    expect(world.github.filesOf('delivery-status')).toEqual({ 'package.json': '{}' });
  });

  it('leaves data of a newer version as it is', async () => {
    const newer = { '.nojekyll': '', 'data.json': '{"writtenBy":"projen-delivery","schema":2}' };
    world.github.addFiles('delivery-status', newer);
    await expect(write((await world.watch()).outputs.measured)).rejects.toThrow('was written by a newer projen-delivery');
    expect(world.github.filesOf('delivery-status')).toEqual(newer);
  });

  it('says why, where a rule of the repository forbids it, and does not try again and again', async () => {
    await write((await world.watch()).outputs.measured);
    const { outputs } = await world.watch();
    const body = { message: 'Repository rule violations found\n\nChanges must be made through a pull request.' };
    world.github.fail({ method: 'PATCH', path: /git\/refs/, times: 100, misbehaviour: { kind: 'status', status: 422, body } });
    world.github.requests.splice(0);
    const { code, output } = await write(outputs.measured);
    expect(code).toBe(0);
    expect(output).toContain('Changes must be made through a pull request');
    expect(world.github.requests.filter(({ method }) => method === 'PATCH')).toHaveLength(1);
  });

  it('reads of very many alerts the newest, and none again that is over', async () => {
    let last = '';
    for (let i = 0; i < 260; i++) {
      const { id } = world.github.addDeployment({ task: 'delivery-alert', environment: 'production', ref: 'c'.repeat(40), payload: { schema: 1, after: last, writer: '1.1.a' } });
      world.github.addStatus(id, { state: 'inactive', description: 'everything is well again', logUrl: 'https://github.com/acme/shop/actions/runs/1/attempts/1#a,closed' });
      last = String(id);
    }
    const read = [];
    for (let run = 0; run < 12; run++) {
      const { outputs } = await world.watch();
      world.github.requests.splice(0);
      await write(outputs.measured);
      read.push(world.github.requests.filter(({ path }) => path.endsWith('/statuses')).length);
    }
    expect(read.at(0)).toBeGreaterThan(10);
    expect(read.at(-1)).toBeLessThan(3);
  });

  it('hides no verdict where GitHub refuses', async () => {
    const { code, output } = await write((await world.watch()).outputs.measured, { contents: 'read', deployments: 'read' });
    expect(code).toBe(0);
    expect(output).toContain('The status page was not written');
    expect(output).toContain('permissions: contents: write');
  });

  it('takes what the ledger says of a deployment for an alert, and for no answer of a check', async () => {
    await world.deployed(V2, ['deploying', 'verifying', 'halted'], { stable: await stable() });
    for (let i = 0; i < 14; i++) await write((await world.watch()).outputs.measured);
    expect(Object.keys(data().environments.production.checks)).toEqual(['health']);
    expect(data().environments.production.latest).toMatchObject({ firing: ['deployment'] });
    expect(world.github.filesOf('delivery-status')!['index.html']).toContain('v2 could neither be verified nor taken back');
    expect(world.github.filesOf('delivery-status')!['index.html']).not.toContain('a deployment needed a person');
  });

  it('passes over what is no measurement, and says so', async () => {
    const { output } = await write(`{"by":1}\n\n${(await world.watch()).outputs.measured}\n::error::x`);
    expect(output.split('\n').filter((line) => line.includes('measurements were not understood'))).toHaveLength(2);
    expect(output).not.toContain('::error::x');
    expect(runs()).toHaveLength(1);
  });

  it('takes the badge of an environment that is gone from the branch', async () => {
    const { environments } = world.manifest;
    world.manifest = { ...world.manifest, environments: [...environments, world.environment('old')], monitoring: { ...world.manifest.monitoring!, environments: ['production', 'old'] } };
    await write((await world.watch()).outputs.measured);
    expect(world.github.filesOf('delivery-status')).toHaveProperty(['badge-old.svg']);
    world.manifest = { ...world.manifest, environments, monitoring: { ...world.manifest.monitoring!, environments: ['production'] } };
    await write((await world.watch()).outputs.measured);
    expect(world.github.filesOf('delivery-status')).not.toHaveProperty(['badge-old.svg']);
    expect(Object.keys(data().environments)).toEqual(['production']);
  });

  it('knows from the commit how long a release took', async () => {
    const at = Date.parse('2026-11-25T08:00:00Z');
    world.github.setCommit(V1.sha, new Date(at).toISOString());
    await write((await world.watch()).outputs.measured);
    expect(data().environments.production.attempts).toMatchObject([{ version: 'v1', state: 'stable', committedAt: at }]);
  });

  it('reads a long ledger bit by bit, and says from when on it is whole', async () => {
    for (let i = 0; i < 24; i++) {
      world.later += 60_000;
      await world.deployed();
    }
    const records = await world.surroundings(1, 'production').ledger.records('production');
    const begun = records.map(({ createdAt }) => Date.parse(createdAt));
    await write((await world.watch()).outputs.measured);
    expect(data().environments.production).toMatchObject({ attempts: { length: 20 }, attemptsFrom: begun[19] });
    await write((await world.watch()).outputs.measured);
    expect(data().environments.production).toMatchObject({ attempts: { length: 25 }, attemptsFrom: begun[24] });
  });

  it('holds nothing that a service said', async () => {
    world.service.behave(answer(500, 'the password is hunter2'));
    await write((await world.watch()).outputs.measured);
    expect(JSON.stringify(world.github.filesOf('delivery-status'))).not.toContain('hunter2');
  });
});

it('subprojects share a branch, each in a folder', async () => {
  world = await WatchWorld.create({ statusPage: BRANCH });
  await world.deployed();
  const { outputs } = await world.watch();
  await write(outputs.measured);
  world.manifest = { ...world.manifest, project: { name: 'acme-api', directory: 'services/api' } };
  await write(outputs.measured);
  await write(outputs.measured);
  expect(Object.keys(world.github.filesOf('delivery-status')!).sort()).toEqual([
    '.nojekyll', 'README.md', 'acme-api/badge-production.svg', 'acme-api/data.json', 'acme-api/index.html', 'badge-production.svg', 'data.json', 'index.html',
  ]);
  expect(data('acme-api/').environments.production.overall.runs).toHaveLength(1);
});

describe('a status page that is an artifact', () => {
  beforeEach(async () => {
    world = await WatchWorld.create({ statusPage: { kind: 'artifact', name: 'delivery-status' } });
    await world.deployed();
  });

  const READER: Permissions = { contents: 'read', deployments: 'read' };

  it('is made of the one before', async () => {
    const folder = join(world.root, 'page');
    await write((await world.watch()).outputs.measured, READER, { out: folder, from: join(world.root, 'nothing') });
    await write((await world.watch()).outputs.measured, READER, { out: join(world.root, 'next'), from: folder });
    const known = readData(readFileSync(join(world.root, 'next/data.json'), 'utf8')) as StatusData;
    expect(known.environments.production.overall.runs).toHaveLength(2);
    expect(readFileSync(join(world.root, 'next/index.html'), 'utf8')).toContain('100 %');
    expect(world.github.refs()).toEqual([]);
  });

  it('comes from the newest run of the watch that kept one, and from no other workflow', async () => {
    expect((await world.watch()).outputs).toMatchObject({ page_run: '', page_artifact: '' });
    const [older, newer, foreign] = [world.begin(), world.begin(), world.begin()];
    world.github.setRun(foreign, { event: 'pull_request' });
    const kept = [older, newer, foreign].map((runId) => world.github.addArtifact({ runId, name: 'delivery-status' }));
    world.github.addArtifact({ runId: newer, name: 'something-else' });
    expect((await world.watch()).outputs).toMatchObject({ page_run: String(newer), page_artifact: String(kept[1].id) });
    world.github.expireArtifact(kept[1].id);
    expect((await world.watch()).outputs).toMatchObject({ page_run: String(older), page_artifact: String(kept[0].id) });
  });

  it('has a folder for an environment with a slash in its name', async () => {
    world.manifest = {
      ...world.manifest, environments: [world.environment('eu/production')], monitoring: { ...world.manifest.monitoring!, environments: ['eu/production'] },
    };
    await world.deployed(V1, undefined, { environment: 'eu/production' });
    const folder = join(world.root, 'page');
    expect(await write((await world.watch()).outputs.measured, READER, { out: folder })).toMatchObject({ code: 0 });
    expect(readFileSync(join(folder, 'badge-eu/production.svg'), 'utf8')).toContain('eu/production');
  });

  it('begins anew with a damaged one', async () => {
    const before = join(world.root, 'before');
    mkdirSync(before);
    writeFileSync(join(before, 'data.json'), '<html>');
    expect((await write((await world.watch()).outputs.measured, READER, { out: join(world.root, 'next'), from: before })).output).toContain('is damaged');
  });
});
