/** The status page on a branch, written to git's own server over HTTP. */
import { readFileSync, writeFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { StatusPageManifest } from '../../../src/contract/manifest';
import { GithubDialect } from '../../../src/runtime/ci/github/log-dialect';
import { openLog } from '../../../src/runtime/ci/log';
import { CommandArguments } from '../../../src/runtime/commands/command';
import { RuntimeContext } from '../../../src/runtime/context';
import { StablePointer } from '../../../src/runtime/ledger/record';
import { publish } from '../../../src/runtime/status-page/publish';
import { readData, StatusData } from '../../../src/runtime/status-page/status-data';
import { GitServer } from '../../../tools/github-api-stand-in/git-server';
import { Permissions } from '../../../tools/github-api-stand-in/stand-in';
import { V1, V2, WatchWorld } from '../../../tools/model-checker/overlaps/watch-world';
import { respond } from '../../misbehaving-server';
import { TO_ROLLED_BACK } from '../ledger/records';

const BRANCH: StatusPageManifest = { kind: 'branch', branch: 'delivery-status' };

let world: WatchWorld;
let git: GitServer;
/** Of the last run. */
let token: string;

beforeEach(async () => { git = await GitServer.start((one) => world.github.permissionsOf(one)?.contents); });
afterEach(async () => {
  expect(world.github.violations).toEqual([]);
  await world.destroy();
  await git.stop();
});

interface Written {
  readonly code: number;
  readonly output: string;
}

/** What the step after the watch does. */
async function write(measured: string, permissions: Permissions = { contents: 'write', deployments: 'read' }, flags: CommandArguments['flags'] = {}): Promise<Written> {
  const output: string[] = [];
  const all = world.manifest.environments.map(({ name }): RuntimeContext => {
    const context = world.context(world.begin(), name);
    token = world.github.token(permissions);
    // as a checkout may leave it
    const left = { GIT_DIR: '/nowhere', GIT_CONFIG_COUNT: '1', GIT_CONFIG_KEY_0: 'user.name', GIT_CONFIG_VALUE_0: 'x' };
    const processEnv = { ...context.processEnv, ...left, GITHUB_SERVER_URL: git.url, GITHUB_TOKEN: token, DELIVERY_MEASURED: measured };
    const clock = { ...world.clock, sleep: async () => undefined };
    const ci = world.ci(processEnv, context.run, context.ledger, clock);
    const log = openLog({ write: (text) => void output.push(text), dialect: new GithubDialect(), secrets: [] });
    return { ...context, clock, processEnv, ci, log };
  });
  return { code: await publish(all, { json: false, flags }), output: output.join('') };
}

function data(folder = ''): StatusData {
  const read = readData(git.filesOf('delivery-status')![`${folder}data.json`]);
  if (read === undefined || read === 'newer') throw new Error('no data');
  return read;
}

/** The release that is live, as the next record points at it. */
async function stable(): Promise<StablePointer> {
  const [{ createdAt, id }] = await world.context(1, 'production').ledger.records('production');
  return { recordId: id, release: V1, since: createdAt };
}

const runs = () => data().environments.production.overall.runs;

describe('a status page on a branch', () => {
  beforeEach(async () => {
    world = await WatchWorld.create({ statusPage: BRANCH });
    await world.deployed();
  });

  it('is made, with what the watch measured, and replaced by each run: it is one commit, and does not grow', async () => {
    await write((await world.watch()).outputs.measured);
    expect(Object.keys(git.filesOf('delivery-status')!).sort()).toEqual(['.nojekyll', 'README.md', 'badge-production.svg', 'data.json', 'index.html']);
    expect(git.filesOf('delivery-status')!['badge-production.svg']).toContain('production: v1 healthy');
    world.service.behave(respond(500));
    const second = await world.watch();
    expect(second.code).toBe(1);
    expect(await write(second.outputs.measured)).toMatchObject({ code: 0 });
    expect(runs().map(({ mark }) => mark)).toEqual(['healthy', 'bad']);
    expect(git.historyOf('delivery-status')).toHaveLength(1);
    expect(git.filesOf('delivery-status')!['index.html']).toContain('firing: health on production');
    expect(data().environments.production.alerts).toMatchObject([{ check: 'health' }]);
  });

  it('shows when it was well again, and what was rolled back', async () => {
    world.service.behave(respond(500));
    await write((await world.watch()).outputs.measured);
    world.service.behave(respond(200));
    await write((await world.watch()).outputs.measured);
    await world.deployed(V2, TO_ROLLED_BACK, { stable: await stable() });
    await write((await world.watch()).outputs.measured);
    expect(data().environments.production.alerts).toMatchObject([{ check: 'health', until: expect.any(Number) as number }]);
    expect(git.filesOf('delivery-status')!['index.html']).toContain('v2 was rolled back to v1');
  });

  it('makes few requests to GitHub once everything is known', async () => {
    await write((await world.watch()).outputs.measured);
    const { outputs } = await world.watch();
    world.github.requests.splice(0);
    await write(outputs.measured);
    expect(world.github.requests.map(({ method, path }) => `${method} ${path.replace('/repos/acme/shop/', '').replace(/[0-9a-f]{40}/, 'SHA').replace('%2F', '/')}`)).toEqual([
      'GET deployments', 'GET deployments',
    ]);
  });

  it('loses nothing when runs overlap', async () => {
    let written = 0;
    // on a busy machine the five may happen to write one after another: until a push was rejected
    for (let round = 0; round < 5 && git.pushes === written; round++) {
      const measured = [];
      for (let i = 0; i < 5; i++) measured.push((await world.watch()).outputs.measured);
      expect((await Promise.all(measured.map((one) => write(one)))).map(({ code }) => code)).toEqual([0, 0, 0, 0, 0]);
      written += measured.length;
      expect(runs()).toHaveLength(written);
    }
    expect(git.pushes).toBeGreaterThan(written);
    expect(git.historyOf('delivery-status')).toHaveLength(1);
  });

  it('is read again and written anew where it was moved, or deleted, between reading and pushing', async () => {
    await write((await world.watch()).outputs.measured);
    const page = git.filesOf('delivery-status')!;
    git.faults.push({ before: () => git.addFiles('delivery-status', { ...page, 'note.txt': 'by a person' }) });
    expect((await write((await world.watch()).outputs.measured)).output).not.toContain('::warning');
    expect([runs().length, git.filesOf('delivery-status')!['note.txt']]).toEqual([2, 'by a person']);
    git.faults.push({ before: () => git.delete('delivery-status') });
    expect((await write((await world.watch()).outputs.measured)).output).not.toContain('::warning');
    // what was measured before is gone with the branch
    expect(runs()).toHaveLength(1);
    git.delete('delivery-status');
    await write((await world.watch()).outputs.measured);
    expect([runs().length, git.historyOf('delivery-status').length]).toEqual([1, 1]);
  });

  it('of which someone else made one meanwhile, is read, too', async () => {
    const { outputs } = await world.watch();
    git.faults.push({ before: () => git.addFiles('delivery-status', { '.nojekyll': '', 'other/data.json': '{}' }) });
    expect((await write(outputs.measured)).output).not.toContain('::warning');
    expect(Object.keys(git.filesOf('delivery-status')!)).toEqual(expect.arrayContaining(['data.json', 'other/data.json']));
  });

  it('is written once if the response was lost', async () => {
    await write((await world.watch()).outputs.measured);
    git.faults.push({ isResponseLost: true });
    expect((await write((await world.watch()).outputs.measured)).output).not.toContain('::warning');
    expect(runs()).toHaveLength(2);
  });

  it('is written though the server stumbles, and given up where it stays down', async () => {
    git.faults.push({ status: 502 }, { status: 503 });
    expect((await write((await world.watch()).outputs.measured)).output).not.toContain('::warning');
    expect(runs()).toHaveLength(1);
    for (let i = 0; i < 9; i++) git.faults.push({ status: 502 });
    const { code, output } = await write((await world.watch()).outputs.measured);
    expect(code).toBe(0);
    expect(output).toContain('The status page was not written');
    expect(output).toContain('502');
    expect(git.pushes).toBe(6);
  });

  it('holds no one up where it has grown before: the first run leaves one commit', async () => {
    await write((await world.watch()).outputs.measured);
    for (let i = 0; i < 5; i++) git.addFiles('delivery-status', git.filesOf('delivery-status')!);
    expect(git.historyOf('delivery-status')).toHaveLength(6);
    await write((await world.watch()).outputs.measured);
    expect([git.historyOf('delivery-status').length, runs().length]).toEqual([1, 2]);
  });

  it.each([['its data', '<html>'], ['a part of its data', '{"writtenBy":"projen-delivery","schema":1}']])('begins anew where %s is damaged, and says so', async (_, text) => {
    git.addFiles('delivery-status', { '.nojekyll': '', 'data.json': text });
    expect((await write((await world.watch()).outputs.measured)).output).toContain('What was measured before is lost');
    expect(runs()).toHaveLength(1);
  });

  it('never touches a branch that holds something else', async () => {
    git.addFiles('delivery-status', { 'package.json': '{}' });
    const { outputs } = await world.watch();
    await expect(write(outputs.measured)).rejects.toThrow('the branch delivery-status does not hold a status page, so it is not changed');
    expect(git.filesOf('delivery-status')).toEqual({ 'package.json': '{}' });
  });

  it('leaves data of a newer version as it is', async () => {
    const newer = { '.nojekyll': '', 'data.json': '{"writtenBy":"projen-delivery","schema":2}' };
    git.addFiles('delivery-status', newer);
    await expect(write((await world.watch()).outputs.measured)).rejects.toThrow('was written by a newer projen-delivery');
    expect(git.filesOf('delivery-status')).toEqual(newer);
  });

  it.each<[string, string[], string[]]>([
    ['a ruleset', [
      'error: GH013: Repository rule violations found for refs/heads/delivery-status.', 'Review all repository rules at https://github.com/acme/shop/rules?ref=refs%2Fheads%2Fdelivery-status', '',
      '- Cannot force-push to this branch', '', '- Changes must be made through a pull request.', '',
    ], ['a ruleset of the repository or its organization forbids it (Cannot force-push to this branch; Changes must be made through a pull request)', 'Exclude delivery-status from the ruleset', '/acme/shop/settings/rules']],
    ['a protected branch', ['error: GH006: Protected branch update failed for refs/heads/delivery-status.', 'error: Cannot force-push to this branch'],
      ['a branch protection rule forbids it (Cannot force-push to this branch)', 'or allow force pushes', '/acme/shop/settings/branches']],
    ['a hook of the server', ['no pushes on Sundays'], ['no pushes on Sundays']],
  ])('says what forbids it and where that is set, and does not try again and again: %s', async (_, lines, said) => {
    await write((await world.watch()).outputs.measured);
    const before = [git.head('delivery-status'), git.pushes];
    const { outputs } = await world.watch();
    git.reject(lines);
    const { code, output } = await write(outputs.measured);
    expect(code).toBe(0);
    for (const text of said) expect(output).toContain(text);
    expect([git.head('delivery-status'), git.pushes]).toEqual([before[0], Number(before[1]) + 1]);
    git.reject(undefined);
    await write((await world.watch()).outputs.measured);
    expect(runs()).toHaveLength(2);
  });

  it('shows no token, whatever the server returns', async () => {
    const { outputs } = await world.watch();
    const fault = { status: 400, body: '', before: () => { fault.body = `you sent ${token} and ${Buffer.from(`x-access-token:${token}`).toString('base64')}`; } };
    git.faults.push(fault, fault, fault);
    const { output } = await write(outputs.measured);
    expect(output).toContain('The status page was not written');
    expect(output).not.toContain(token);
    expect(output).not.toContain(Buffer.from(`x-access-token:${token}`).toString('base64'));
  });

  it('reads of very many alerts the newest, and none again that is over', async () => {
    let last = '';
    for (let i = 0; i < 260; i++) {
      const { id } = world.github.addDeployment({ task: 'delivery-alert', environment: 'production', ref: 'c'.repeat(40), payload: { schema: 1, key: `key-${i}`, record: { after: last, processId: '1.1.a' } } });
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

  it('takes what the ledger says of a deployment for an alert, not for the result of a check', async () => {
    await world.deployed(V2, ['deploying', 'verifying', 'halted'], { stable: await stable() });
    for (let i = 0; i < 14; i++) await write((await world.watch()).outputs.measured);
    expect(Object.keys(data().environments.production.checks)).toEqual(['health']);
    expect(data().environments.production.latest).toMatchObject({ firing: ['deployment'] });
    expect(git.filesOf('delivery-status')!['index.html']).toContain('v2 could neither be verified nor rolled back');
    expect(git.filesOf('delivery-status')!['index.html']).not.toContain('a deployment needed a person');
  });

  it('passes over what is no measurement, and says so', async () => {
    const { output } = await write(`{"by":1}\n\n${(await world.watch()).outputs.measured}\n::error::x`);
    expect(output.split('\n').filter((line) => line.includes('measurements could not be read'))).toHaveLength(2);
    expect(output).not.toContain('::error::x');
    expect(runs()).toHaveLength(1);
  });

  it('takes the badge of an environment that is gone from the branch', async () => {
    const { environments } = world.manifest;
    world.manifest = { ...world.manifest, environments: [...environments, world.environment('old')], monitoring: { ...world.manifest.monitoring!, environments: ['production', 'old'] } };
    await write((await world.watch()).outputs.measured);
    expect(git.filesOf('delivery-status')).toHaveProperty(['badge-old.svg']);
    world.manifest = { ...world.manifest, environments, monitoring: { ...world.manifest.monitoring!, environments: ['production'] } };
    await write((await world.watch()).outputs.measured);
    expect(git.filesOf('delivery-status')).not.toHaveProperty(['badge-old.svg']);
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
    const records = await world.context(1, 'production').ledger.records('production');
    const begun = records.map(({ createdAt }) => Date.parse(createdAt));
    await write((await world.watch()).outputs.measured);
    expect(data().environments.production).toMatchObject({ attempts: { length: 20 }, attemptsFrom: begun[19] });
    await write((await world.watch()).outputs.measured);
    expect(data().environments.production).toMatchObject({ attempts: { length: 25 }, attemptsFrom: begun[24] });
  });

  it('holds nothing that a service said', async () => {
    world.service.behave(respond(500, 'the password is hunter2'));
    await write((await world.watch()).outputs.measured);
    expect(JSON.stringify(git.filesOf('delivery-status'))).not.toContain('hunter2');
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
  expect(Object.keys(git.filesOf('delivery-status')!).sort()).toEqual([
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
