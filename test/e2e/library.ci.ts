/**
 * A TypeScript library, released by the workflow that projen synthesizes and deployed in the same run, executed: real git with an origin,
 * a real npm registry, projen's own bump, build and publishers, and a service with users. It needs npm's registry, so it is no part of
 * `npm test`: .ci/library runs it.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parse } from 'yaml';
import { NpmRegistry } from './npm-registry';
import { began, deployedDigests, ended, results } from './run-results';
import { GithubActions, RunEvent, RunRecord, Workflow, WorkflowRun } from '../../tools/github-actions-emulator';
import { GithubStandIn } from '../../tools/github-api-stand-in/stand-in';
import { CHECKOUT, Workspace } from '../examples/workspace';
import { freePorts } from '../free-ports';

// a whole release, with all that npm installs, on a machine that may be busy
jest.setTimeout(1_200_000);

const LIBRARY = join(__dirname, 'fixtures', 'library');
/** Jobs of projen's that come before all of ours. */
const RELEASED = { release: 'success', release_npm: 'success', release_github: 'success', delivery_release: 'success' };
const NOT_RELEASED = { release: 'success', release_npm: 'skipped', release_github: 'skipped', delivery_release: 'skipped' };
const UNTOUCHED = ['skipped', 'skipped', 'skipped', 'skipped'];
const DEPLOYED = ['success', 'success', 'success', 'skipped'];

const run = promisify(execFile);

let root: string;
let registry: NpmRegistry;
let library: Workspace;
let origin: string;
let api: GithubStandIn;
let actions: GithubActions;
let workflow: Workflow;
let onEvent: (event: RunEvent, run: WorkflowRun) => void = () => undefined;
const ports = { staging: 0, production: 0 };

type Environment = keyof typeof ports;

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'library-'));
  registry = await NpmRegistry.start({ folder: join(root, 'registry'), verdaccio: process.env.VERDACCIO ?? root, own: ['greetings', 'projen-delivery'] });
  writeImageNpmrc();
  await publishOurselves();
  await prepareLibrary();
  api = await GithubStandIn.start({ repository: 'acme/greetings' });
  actions = new GithubActions({
    root,
    repository: origin,
    repositoryName: 'acme/greetings',
    api,
    secrets: { NPM_TOKEN: registry.token },
    extraEnv: imageVariables(),
    onEvent: (event, one) => onEvent(event, one),
  });
  workflow = parse(readFileSync(join(library.repository, '.github/workflows/release.yml'), 'utf8')) as Workflow;
});

afterEach(() => {
  onEvent = () => undefined;
});

afterAll(async () => {
  for (const environment of Object.keys(ports) as Environment[]) stopService(environment);
  await registry.stop();
  const left = actions.cleanUp();
  await api.stop();
  // .ci/library removes the folder: what npm installed in every job takes a while
  // with the services and the registry stopped nothing of any job, test or deployment is left
  expect(left).toEqual([]);
  expect(api.violations).toEqual([]);
});

// The tests are one story: what one of them leaves, the next finds.
let first: { sha: string; run: RunRecord };

describe('a push with a feature', () => {
  beforeAll(async () => {
    first = await push('feat: it says hello');
  });

  test('is released by projen\'s jobs, and deployed in the same run to one environment after the other', () => {
    expect(results(first.run)).toEqual({ ...RELEASED, ...jobsOf('staging', DEPLOYED), ...jobsOf('production', DEPLOYED) });
    expect(first.run.conclusion).toBe('success');
    expect(began(first.run, 'delivery_release')).toBeGreaterThanOrEqual(ended(first.run, 'release_github'));
    expect(began(first.run, 'deploy_production')).toBeGreaterThanOrEqual(ended(first.run, 'monitor_staging'));
  });

  test('is on npm and GitHub, with what changed, and its tag is on the commit', async () => {
    expect((await registry.versions('greetings')).map(({ version }) => version)).toEqual(['1.0.0']);
    expect(api.releases()).toMatchObject([{ tag: 'v1.0.0', title: 'v1.0.0', target: first.sha, notes: expect.stringContaining('it says hello') as unknown }]);
    expect(await tagged('v1.0.0')).toBe(first.sha);
  });

  test('is Stable on both under the release\'s name, and users get the package that was published', async () => {
    for (const environment of ['staging', 'production'] as const) {
      expect(first.run.jobs[`environment_${environment}`].outputs).toMatchObject({ go: 'true', release: 'v1.0.0', sha: first.sha });
      expect(first.run.jobs[`monitor_${environment}`].outputs).toEqual({ completed_attempt: '1', state: 'stable' });
      expect(await health(environment)).toEqual({ version: '1.0.0', greeting: 'Hello, users!' });
      expect(installed(environment, 'v1.0.0')).toEqual([(await registry.versions('greetings'))[0].dist.integrity]);
    }
  });

  test('is deployed byte for byte as it was released', () => {
    const { digest, 'artifact-id': id, release } = first.run.jobs.delivery_release.outputs;
    expect(release).toBe('v1.0.0');
    const kept = actions.artifacts.of(first.run.runId).find((artifact) => String(artifact.id) === id)!;
    expect(createHash('sha256').update(readFileSync(join(kept.folder, `${digest}.tar`))).digest('hex')).toBe(digest);
    for (const environment of Object.keys(ports)) expect(deployedDigests(api, environment)).toEqual([digest]);
  });
});

describe('a push with nothing to release', () => {
  test('succeeds, publishes nothing and deploys nothing', async () => {
    const { run: idle } = await push('chore: nothing that users see');
    expect(results(idle)).toEqual({ ...NOT_RELEASED, ...jobsOf('staging', UNTOUCHED), ...jobsOf('production', UNTOUCHED) });
    expect([idle.conclusion, idle.jobs.release.outputs.tag_exists]).toEqual(['success', 'true']);
    expect(api.releases()).toHaveLength(1);
    expect(await registry.versions('greetings')).toHaveLength(1);
    expect(Object.keys(ports).map((environment) => api.deployments(environment).length)).toEqual([1, 1]);
  });
});

describe('a release that responds 500 where no test sees it', () => {
  let bad: { sha: string; run: RunRecord };

  beforeAll(async () => {
    edit('src/service.ts', 'response.writeHead(200,', 'response.writeHead(500,');
    bad = await push('feat: a fault that no test sees');
  });

  test('is released, but rolled back by the run that deployed it, which is red', async () => {
    const staging = jobsOf('staging', ['success', 'failure', 'failure', 'skipped']);
    // production was planned beside staging
    const production = jobsOf('production', ['success', 'skipped', 'skipped', 'skipped']);
    expect(results(bad.run)).toEqual({ ...RELEASED, ...staging, ...production });
    expect(bad.run.conclusion).toBe('failure');
    expect(api.releases().map(({ tag }) => tag)).toEqual(['v1.0.0', 'v1.1.0']);
    expect(bad.run.jobs.deploy_staging.log).toContain('500');
    expect(bad.run.jobs.deploy_staging.log).toContain('v1.0.0 is live again, verified');
    expect(bad.run.jobs.monitor_staging.outputs).toEqual({ completed_attempt: '1', state: 'rolledBack' });
  });

  test('gives way to the artifact of the first release, from the run that released it', async () => {
    expect(bad.run.jobs.deploy_staging.log).toContain(`artifact ${first.run.jobs.delivery_release.outputs['artifact-id']} fetched`);
    expect(await health('staging')).toEqual({ version: '1.0.0', greeting: 'Hello, users!' });
  });

  test('never reaches the second environment', async () => {
    expect(await health('production')).toEqual({ version: '1.0.0', greeting: 'Hello, users!' });
    expect(api.deployments('production')).toHaveLength(1);
  });
});

describe('a commit that is not the latest any more when it is to be released', () => {
  let overtaken: RunRecord;
  let newest: { sha: string; run: RunRecord };
  const deploymentsBefore: number[] = [];

  beforeAll(async () => {
    deploymentsBefore.push(...Object.keys(ports).map((environment) => api.deployments(environment).length));
    edit('src/service.ts', 'response.writeHead(500,', 'response.writeHead(200,');
    let following: Promise<{ sha: string; run: RunRecord }> | undefined;
    // another push arrives while projen makes the release of the first
    onEvent = (event) => {
      if (event.kind !== 'stepStarted' || event.job !== 'release' || event.step !== 'release' || following) return;
      for (const file of ['src/index.ts', 'test/greetings.mjs']) edit(file, 'Hello, ', 'Good morning, ');
      following = push('fix: it is polite');
    };
    ({ run: overtaken } = await push('fix: no fault any more'));
    newest = await following!;
  });

  test('is neither published nor deployed', () => {
    expect(results(overtaken)).toEqual({ ...NOT_RELEASED, ...jobsOf('staging', UNTOUCHED), ...jobsOf('production', UNTOUCHED) });
    expect(overtaken.conclusion).toBe('success');
    expect(overtaken.jobs.release.outputs).toEqual({ latest_commit: newest.sha, tag_exists: 'false' });
  });

  test('is in the release of the latest, which waited for its run and goes everywhere', async () => {
    expect(results(newest.run)).toEqual({ ...RELEASED, ...jobsOf('staging', DEPLOYED), ...jobsOf('production', DEPLOYED) });
    expect(began(newest.run, 'release')).toBeGreaterThanOrEqual(ended(overtaken, 'release'));
    expect(await tagged('v1.1.1')).toBe(newest.sha);
    expect(Object.keys(ports).map((environment) => api.deployments(environment).length)).toEqual(deploymentsBefore.map((count) => count + 1));
    for (const environment of ['staging', 'production'] as const) {
      expect(await health(environment)).toEqual({ version: '1.1.1', greeting: 'Good morning, users!' });
    }
  });
});

/** Commits what has changed, pushes it to the origin, and executes the run that the push starts. */
async function push(message: string): Promise<{ sha: string; run: RunRecord }> {
  const sha = await library.commit(message);
  await library.git('push', '--quiet', 'origin', 'main');
  return { sha, run: await actions.execute(workflow, { name: 'push', ref: 'refs/heads/main', sha }) };
}

/** Results of the four jobs of an environment. */
function jobsOf(environment: Environment, [planned, deployed, confirmed, recovered]: string[]): Record<string, string> {
  return {
    [`environment_${environment}`]: planned,
    [`deploy_${environment}`]: deployed,
    [`monitor_${environment}`]: confirmed,
    [`rollback_${environment}`]: recovered,
  };
}

/** The commit of a tag in the origin. */
async function tagged(name: string): Promise<string> {
  const { stdout } = await run('git', ['rev-parse', '--verify', `refs/tags/${name}^{commit}`], { cwd: origin });
  return stdout.trim();
}

async function health(environment: Environment): Promise<unknown> {
  const response = await fetch(`http://127.0.0.1:${ports[environment]}/health`);
  return response.json();
}

/** What npm says of the packages that a release brought to the machine: their digests. */
function installed(environment: Environment, release: string): string[] {
  const lock = readFileSync(join(home(environment), release, 'node_modules', '.package-lock.json'), 'utf8');
  const { packages } = JSON.parse(lock) as { packages: Record<string, { integrity: string }> };
  return Object.values(packages).map(({ integrity }) => integrity);
}

/** Throws where there is nothing to replace. */
function edit(path: string, text: string, replacement: string): void {
  const file = join(library.repository, path);
  const before = readFileSync(file, 'utf8');
  if (!before.includes(text)) throw new Error(`${path} of the library does not say ${text}`);
  writeFileSync(file, before.replaceAll(text, replacement));
}

function stopService(environment: Environment): void {
  const file = join(home(environment), 'pid');
  if (existsSync(file)) process.kill(Number(readFileSync(file, 'utf8')));
}

function home(environment: Environment): string {
  return join(root, 'machines', environment);
}

/** The library as a person has it who has just added the delivery: installed from the registry, synthesized, and pushed. */
async function prepareLibrary(): Promise<void> {
  ({ port: ports.staging, candidatePort: ports.production } = await freePorts());
  library = new Workspace(join(root, 'greetings'));
  cpSync(LIBRARY, library.repository, { recursive: true });
  renameSync(join(library.repository, 'projenrc.ts'), join(library.repository, '.projenrc.ts'));
  const machines = Object.fromEntries((Object.keys(ports) as Environment[]).map((name) => [name, { home: home(name), port: ports[name] }]));
  for (const { home: folder } of Object.values(machines)) mkdirSync(folder, { recursive: true });
  const projenVersion = versionHere('projen');
  writeFileSync(join(library.repository, 'machine.json'), `${JSON.stringify({ registry: registry.url, projenVersion, machines }, undefined, 2)}\n`);

  // what is needed to write package.json for the first time
  await npm('install', '--no-save', `projen@${projenVersion}`, `constructs@${versionHere('constructs')}`, 'projen-delivery');
  await library.synthesize();
  await npm('install');
  await run('npx', ['projen'], { cwd: library.repository, env: userEnvironment() });

  await library.initialize();
  origin = join(root, 'origin.git');
  await library.git('clone', '--quiet', '--bare', library.repository, origin);
  await library.git('remote', 'add', 'origin', origin);
}

/** What `npm` prints in the library's folder. */
async function npm(...argv: string[]): Promise<string> {
  const { stdout } = await run('npm', argv, { cwd: library.repository, env: userEnvironment() });
  return stdout;
}

/** The library depends on this checkout's projen-delivery: as its users get it, from the registry. */
async function publishOurselves(): Promise<void> {
  const env = { ...userEnvironment(), NPM_TOKEN: registry.token };
  const { stdout } = await run('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', root], { cwd: CHECKOUT, env });
  await run('npm', ['publish', '--ignore-scripts', join(root, stdout.trim())], { cwd: root, env });
}

/** The version of a package that this checkout has. */
function versionHere(name: string): string {
  return (JSON.parse(readFileSync(join(CHECKOUT, 'node_modules', name, 'package.json'), 'utf8')) as { version: string }).version;
}

/** Everyone uses our registry, on the machine that develops and on those that GitHub lends. */
function imageVariables(): Record<string, string> {
  return { TMPDIR: join(root, 'temporary'), npm_config_cache: join(root, 'npm-cache'), npm_config_globalconfig: join(root, 'npmrc') };
}

function userEnvironment(): Record<string, string> {
  return { PATH: process.env.PATH ?? '', HOME: join(root, 'home'), ...imageVariables() };
}

/** publib says where the token is for, but not at which port: projen keeps only the host of npmRegistryUrl. */
function writeImageNpmrc(): void {
  for (const folder of ['temporary', 'home']) mkdirSync(join(root, folder));
  const lines = [`registry=${registry.url}/`, `${registry.url.replace('http:', '')}/:_authToken=\${NPM_TOKEN?}`, 'audit=false', 'fund=false', 'update-notifier=false'];
  writeFileSync(join(root, 'npmrc'), `${lines.join('\n')}\n`);
}
