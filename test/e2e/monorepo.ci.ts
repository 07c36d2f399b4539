/** Two services of one repository, each with a delivery to an environment called production: their synthesized workflows, executed. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, Server } from 'node:http';
import { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Project } from 'projen';
import { parse } from 'yaml';
import { results } from './run-results';
import { shortenTimes } from './short-times';
import { Delivery, HealthCheck, ReleaseIdentity, Target, Trigger } from '../../src';
import { GithubActions, RunRecord, Workflow } from '../../tools/github-actions-emulator';
import { GithubStandIn } from '../../tools/github-api-stand-in/stand-in';
import { Workspace } from '../examples/workspace';
import { plainProject, synthesize } from '../test-project';

/** The services' folders, by their projects' names. */
const FOLDERS: Record<string, string> = { api: 'services/the api', web: 'services/web' };
const SERVICES = Object.keys(FOLDERS);

let root: string;
let monorepo: Workspace;
let api: GithubStandIn;
let actions: GithubActions;
let users: Server;

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'delivery-monorepo-'));
  users = createServer((request, response) => {
    const { version, page } = live(request.url!.split('/')[1]);
    response.writeHead(page === 'bad' ? 500 : 200, { 'content-type': 'application/json' }).end(JSON.stringify({ version, page }));
  });
  await new Promise<void>((ready) => users.listen(0, '127.0.0.1', ready));
  monorepo = new Workspace(join(root, 'monorepo'));
  mkdirSync(monorepo.repository);
  synthesizeServices(`http://127.0.0.1:${(users.address() as AddressInfo).port}`);
  await monorepo.initialize();
  api = await GithubStandIn.start({ repository: 'acme/monorepo' });
  actions = new GithubActions({ root, repository: monorepo.repository, repositoryName: 'acme/monorepo', api });
});

afterAll(async () => {
  users.closeAllConnections();
  await new Promise((done) => users.close(done));
  const left = actions.cleanUp();
  await api.stop();
  rmSync(root, { recursive: true, force: true });
  expect(left).toEqual([]);
  expect(api.violations).toEqual([]);
});

// The tests are one story: what one of them leaves, the next finds.

test('a push that changes both deploys both', async () => {
  const { runs, sha } = await push({ api: 'first', web: 'first' });
  for (const name of SERVICES) expect(results(runs[name]!)).toEqual(jobsOf(name, 'success', 'success', 'success', 'success', 'skipped'));
  for (const name of SERVICES) expect(live(name)).toEqual({ version: sha, page: 'first' });
});

test('only the service that was changed deploys, in its own directory, with its own files', async () => {
  const before = live('web');
  const { runs, sha } = await push({ api: 'second' });
  expect(runs.web).toBeUndefined();
  expect(results(runs.api!)).toMatchObject({ deploy_api_production: 'success', monitor_api_production: 'success' });
  expect(live('api')).toEqual({ version: sha, page: 'second' });
  expect(live('web')).toEqual(before);
  expect(readFileSync(join(root, 'api', 'where'), 'utf8').trim()).toMatch(/\/services\/the api$/);
});

test('what belongs to neither deploys nothing', async () => {
  const { runs } = await push({}, 'README.md');
  expect(runs).toEqual({});
});

test('a bad release of one is rolled back; the other one, on an environment of the same name, stays and is not blocked', async () => {
  const [apiBefore, webBefore] = [live('api'), live('web')];
  const { runs } = await push({ api: 'bad' });
  expect(results(runs.api!)).toMatchObject({ deploy_api_production: 'failure', monitor_api_production: 'failure', rollback_api_production: 'skipped' });
  expect(runs.api!.jobs.monitor_api_production.outputs).toMatchObject({ state: 'rolledBack' });
  expect(runs.api!.jobs.deploy_api_production.summary).toMatch(/npx projen delivery unblock production --project api /);
  expect(live('api')).toEqual(apiBefore);
  expect(live('web')).toEqual(webBefore);

  const { runs: next, sha } = await push({ web: 'second' });
  expect(results(next.web!)).toMatchObject({ deploy_web_production: 'success', monitor_web_production: 'success' });
  expect(live('web')).toEqual({ version: sha, page: 'second' });
  expect(live('api')).toEqual(apiBefore);
});

test('one is rolled back by hand, with its own workflow, and the other one stays', async () => {
  const [first] = recorded('web');
  const before = live('api');
  const run = await actions.execute(workflow('rollback_web'), {
    name: 'workflow_dispatch',
    ref: 'refs/heads/main',
    sha: await monorepo.git('rev-parse', 'HEAD'),
    inputs: { environment: 'production', action: 'rollback', release: first, reason: 'the page is wrong' },
  });
  expect(results(run)).toMatchObject({ hold: 'success', rollback: 'success', monitor: 'success' });
  expect(live('web')).toEqual({ version: first, page: 'first' });
  expect(live('api')).toEqual(before);
});

test('a release of one was never verified for the other', async () => {
  const run = await actions.execute(workflow('rollback_api'), {
    name: 'workflow_dispatch',
    ref: 'refs/heads/main',
    sha: await monorepo.git('rev-parse', 'HEAD'),
    inputs: { environment: 'production', action: 'rollback', release: recorded('web').at(-1)!, reason: 'mistaken' },
  });
  expect(results(run)).toMatchObject({ hold: 'failure', rollback: 'skipped' });
  expect(run.jobs.hold.annotations[0].message).toContain('was never verified here');
});

test('GitHub\'s records say whose they are, all on one environment', () => {
  const tasks = api.deployments('production').map(({ task }) => task);
  expect(new Set(tasks)).toEqual(new Set(['delivery:api', 'delivery:web']));
});

/** A project in a folder for each service; a deployment copies its files to a machine that the users ask. */
function synthesizeServices(url: string): void {
  const project = plainProject({}, monorepo.repository);
  for (const name of SERVICES) {
    const machine = join(root, name);
    mkdirSync(machine);
    new Delivery(new Project({ name, parent: project, outdir: FOLDERS[name] }), {
      onlyIfChanged: [FOLDERS[name]],
      artifact: { paths: ['content'] },
      target: Target.commands({ deploy: 'pwd > "$MACHINE/where"; cp content/page "$MACHINE/page"; echo "$DELIVERY_VERSION" > "$MACHINE/version"' }),
      variables: { MACHINE: machine },
      environments: [{
        name: 'production',
        trigger: Trigger.branch('main'),
        url: `${url}/${name}`,
        healthChecks: [HealthCheck.http(`${url}/${name}/health`, { release: ReleaseIdentity.json('version') })],
      }],
    });
  }
  synthesize(project);
  for (const name of SERVICES) shortenTimes(monorepo.repository, undefined, `.projen/delivery-${name}.json`);
}

/** What users of a service see. */
function live(name: string): { version: string; page: string } {
  const read = (file: string) => {
    try {
      return readFileSync(join(root, name, file), 'utf8').trim();
    } catch {
      return '';
    }
  };
  return { version: read('version'), page: read('page') };
}

/** Commits new pages of services, and what else is named, and pushes that: the runs that it started, by service. */
async function push(pages: Record<string, string>, other?: string): Promise<{ runs: Record<string, RunRecord>; sha: string }> {
  for (const [name, page] of Object.entries(pages)) {
    mkdirSync(join(monorepo.repository, FOLDERS[name], 'content'), { recursive: true });
    writeFileSync(join(monorepo.repository, FOLDERS[name], 'content/page'), page);
  }
  if (other) writeFileSync(join(monorepo.repository, other), 'changed');
  const sha = await monorepo.commit('feat: new pages');
  const changed = (await monorepo.git('diff', '--name-only', 'HEAD~1', 'HEAD')).split('\n');
  const started = SERVICES.map((name) => ({ name, run: actions.trigger(workflow(`deploy_${name}`), { name: 'push', ref: 'refs/heads/main', sha, changed }) }));
  const records = await Promise.all(started.filter(({ run }) => run).map(async ({ name, run }) => [name, await run!.execute()] as const));
  return { runs: Object.fromEntries(records), sha: sha.slice(0, 7) };
}

const workflows = new Map<string, Workflow>();

function workflow(name: string): Workflow {
  const known = workflows.get(name) ?? parse(readFileSync(join(monorepo.repository, `.github/workflows/${name}.yml`), 'utf8')) as Workflow;
  workflows.set(name, known);
  return known;
}

/** The versions that were deployed of a service, oldest first. */
function recorded(name: string): string[] {
  return api.deployments('production').filter(({ task }) => task === `delivery:${name}`).sort((a, b) => a.id - b.id)
    .flatMap(({ payload }) => /"version":"(\w+)"/.exec(JSON.stringify(payload).replaceAll('\\', ''))?.[1] ?? []);
}

function jobsOf(name: string, build: string, ...four: string[]): Record<string, string> {
  const kinds = ['environment', 'deploy', 'monitor', 'rollback'];
  return { build, ...Object.fromEntries(kinds.map((kind, i) => [`${kind}_${name}_production`, four[i]])) };
}
