/**
 * The report's pipeline, as examples/python-service synthesizes it, executed: a matrix of real Pythons with what pip gets from PyPI, and
 * our four jobs behind it. It needs PyPI, so it is no part of `npm test`: .ci/python-service runs it.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { began, deployedDigests, ended, results } from './run-results';
import { shortenTimes } from './short-times';
import { findPython, GithubActions, RunRecord, Workflow } from '../../tools/github-actions-emulator';
import { GithubStandIn } from '../../tools/github-api-stand-in/stand-in';
import { prepareExample, Workspace } from '../examples/workspace';
import { freePorts } from '../free-ports';

/** What .projenrc.ts of the example says. */
const PYTHON_VERSIONS = ['3.10', '3.11', '3.12', '3.13'];
const STAGING_API = 'https://staging-api.example.com';

let root: string;
let example: Workspace;
let api: GithubStandIn;
let actions: GithubActions;
let workflow: Workflow;
let versions: string[];
const ports = { staging: 0, production: 0 };

type Environment = keyof typeof ports;

beforeAll(async () => {
  versions = await versionsHere();
  root = mkdtempSync(join(tmpdir(), 'python-service-'));
  example = await prepareExample('python-service', { root });
  await adaptToThisMachine();
  api = await GithubStandIn.start({ repository: 'acme/quotes' });
  workflow = parse(readFileSync(join(example.repository, '.github/workflows/deploy.yml'), 'utf8')) as Workflow;
  actions = new GithubActions({ root, repository: example.repository, repositoryName: 'acme/quotes', api, extraEnv: imageVariables() });
});

afterAll(async () => {
  for (const environment of Object.keys(ports) as Environment[]) machine(environment, 'stop');
  const left = actions.cleanUp();
  await api.stop();
  rmSync(root, { recursive: true, force: true });
  // with the services stopped nothing of any job, test or deployment is left
  expect(left).toEqual([]);
  expect(api.violations).toEqual([]);
});

// The tests are one story: what one of them leaves, the next finds.
let first: { run: RunRecord; sha: string };

describe('a push to main', () => {
  beforeAll(async () => {
    first = await push('feat: the first release');
  });

  test('is tested on every version of Python, with what pip found on PyPI', () => {
    const legs = first.run.jobs.test.legs.map(({ name, result }) => ({ name, result }));
    expect(legs).toEqual(versions.map((version) => ({ name: `test on Python ${version}`, result: 'success' })));
    for (const version of versions) {
      const log = legLog(first.run, version);
      expect(log).toMatch(/Successfully installed .*pytest-8\.3\.5/);
      expect(log).toMatch(new RegExp(`platform linux -- Python ${version.replaceAll('.', '\\.')}\\b`));
      expect(log).toMatch(/=+ \d+ passed in/);
    }
  });

  test('keeps coverage and test reports of every version', () => {
    const kept = artifactsOf(first.run);
    expect(Object.keys(kept).sort()).toEqual([...versions.flatMap((version) => [`coverage-${version}`, `test-reports-${version}`]), 'delivery-release-1'].sort());
    for (const version of versions) {
      expect(readFileSync(join(kept[`coverage-${version}`], 'coverage.xml'), 'utf8')).toMatch(/filename="app\.py"[^>]*line-rate="1"/);
      expect(readFileSync(join(kept[`test-reports-${version}`], 'junit.xml'), 'utf8')).toMatch(/errors="0" failures="0" skipped="0" tests="[1-9]/);
    }
  });

  test('is deployed to staging once, after the whole matrix; production needs no approval', () => {
    expect(results(first.run)).toEqual({
      test: 'success',
      build: 'success',
      ...jobsOf('staging', ['success', 'success', 'success', 'skipped']),
      ...jobsOf('production', ['skipped', 'skipped', 'skipped', 'skipped']),
    });
    for (const job of ['build', 'environment_staging', 'deploy_staging', 'monitor_staging']) expect(first.run.jobs[job].legs).toHaveLength(1);
    expect(began(first.run, 'deploy_staging')).toBeGreaterThanOrEqual(ended(first.run, 'test'));
    expect(api.deployments('staging')).toHaveLength(1);
  });

  test('runs as a real service that says which release it is, configured as staging', async () => {
    expect(first.run.jobs.monitor_staging.outputs).toEqual({ completed_attempt: '1', state: 'stable' });
    expect(JSON.parse(first.run.jobs.environment_staging.outputs.config)).toMatchObject({ API_URL: STAGING_API });
    expect(await health('staging')).toEqual({ status: 'ok', version: first.sha.slice(0, 7), sha: first.sha, api: STAGING_API });
    expect(await status('production')).toBeUndefined();
  });
});

describe('a tag on the commit that staging verified', () => {
  let run: RunRecord;

  beforeAll(async () => {
    run = await tag('v1.0.0', first.sha);
  });

  test('is tested again, built never, and deployed to production', async () => {
    expect(results(run)).toMatchObject({
      test: 'success',
      build: 'skipped',
      ...jobsOf('staging', ['skipped', 'skipped', 'skipped', 'skipped']),
      ...jobsOf('production', ['success', 'success', 'success', 'skipped']),
    });
    expect(began(run, 'deploy_production')).toBeGreaterThanOrEqual(ended(run, 'test'));
    expect(await health('production')).toEqual({ status: 'ok', version: 'v1.0.0', sha: first.sha, api: 'https://api.example.com' });
  });

  test('deploys the bytes of staging, from the run that built them', () => {
    expect(run.jobs.deploy_production.log).toContain(`artifact ${first.run.jobs.build.outputs['artifact-id']} fetched`);
    expect(deployedDigests(api, 'production')).toEqual([first.run.jobs.build.outputs.digest]);
    expect(runningBytes('production')).toBe(runningBytes('staging'));
  });
});

describe('a release that responds 500 with the configuration of staging, where no test sees it', () => {
  let run: RunRecord;
  let bytesBefore: string;
  let bytesOfBad: string | undefined;

  beforeAll(async () => {
    bytesBefore = runningBytes('staging');
    failOnStaging();
    ({ run } = await push('feat: a fault that shows only with the configuration of staging'));
    bytesOfBad = deployedDigests(api, 'staging').at(-1);
  });

  test('is rolled back in the same job, and the run ends red', () => {
    expect(results(run)).toMatchObject({ test: 'success', build: 'success', ...jobsOf('staging', ['success', 'failure', 'failure', 'skipped']) });
    expect(run.jobs.deploy_staging.log).toContain('500');
    expect(run.jobs.deploy_staging.log).toContain(`${first.sha.slice(0, 7)} is live again, verified`);
    expect(run.jobs.monitor_staging.outputs).toEqual({ completed_attempt: '1', state: 'rolledBack' });
    expect(bytesOfBad).toBe(run.jobs.build.outputs.digest);
  });

  test('gives way to the artifact of Stable, deployed again, from the run that built it', async () => {
    expect(run.jobs.deploy_staging.log).toContain(`artifact ${first.run.jobs.build.outputs['artifact-id']} fetched`);
    expect(await health('staging')).toMatchObject({ status: 'ok', sha: first.sha });
    expect(runningBytes('staging')).toBe(bytesBefore);
  });
});

describe('a leg of the matrix that fails', () => {
  let run: RunRecord;
  let before: unknown;
  let deployments: number;
  /** Not the last: those after it still run. */
  let broken: string;

  beforeAll(async () => {
    before = await health('staging');
    deployments = api.deployments().length;
    broken = versions.at(-2)!;
    await example.git('checkout', first.sha, '--', 'quotes');
    const [major, minor] = broken.split('.');
    writeFileSync(join(example.repository, 'tests', 'test_one_version.py'),
      `import sys\n\n\ndef test_every_version_but_one():\n    assert sys.version_info[:2] != (${major}, ${minor})\n`);
    ({ run } = await push('feat: what one version of Python cannot do'));
  });

  test('lets the others end, and its reports are kept', () => {
    const isBroken = (version: string) => version === broken || version.startsWith(`${broken}.`);
    expect(run.jobs.test.legs.map(({ result }) => result)).toEqual(versions.map((version) => (isBroken(version) ? 'failure' : 'success')));
    const kept = artifactsOf(run);
    expect(readFileSync(join(kept[`test-reports-${broken}`], 'junit.xml'), 'utf8')).toMatch(/errors="0" failures="1"/);
    expect(Object.keys(kept)).toContain(`coverage-${broken}`);
  });

  test('deploys nothing', async () => {
    expect(results(run)).toMatchObject({ test: 'failure', build: 'success', ...jobsOf('staging', ['success', 'skipped', 'skipped', 'skipped']) });
    expect(api.deployments()).toHaveLength(deployments);
    expect(await health('staging')).toEqual(before);
  });
});

async function push(message: string): Promise<{ run: RunRecord; sha: string }> {
  const sha = await example.commit(message);
  return { sha, run: await actions.execute(workflow, { name: 'push', ref: 'refs/heads/main', sha }) };
}

async function tag(name: string, sha: string): Promise<RunRecord> {
  await example.git('tag', name, sha);
  return actions.execute(workflow, { name: 'push', ref: `refs/tags/${name}`, sha });
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

function legLog({ jobs }: RunRecord, version: string): string {
  return jobs.test.legs.find(({ name }) => name === `test on Python ${version}`)?.log ?? '';
}

/** Folders by name. */
function artifactsOf({ runId }: RunRecord): Record<string, string> {
  return Object.fromEntries(actions.artifacts.of(runId).map(({ name, folder }) => [name, folder]));
}

async function health(environment: Environment): Promise<unknown> {
  return (await fetch(`http://127.0.0.1:${ports[environment]}/health`)).json();
}

/** Undefined where nothing listens. */
async function status(environment: Environment): Promise<number | undefined> {
  return fetch(`http://127.0.0.1:${ports[environment]}/health`).then((response) => response.status, () => undefined);
}

/** SHA-256 of the program that the machine's process was started with. */
function runningBytes(environment: Environment): string {
  const { program } = JSON.parse(readFileSync(join(home(environment), 'service.json'), 'utf8')) as { program: string };
  return createHash('sha256').update(readFileSync(program)).digest('hex');
}

/** What a person does on the machine: the example's own command. */
function machine(environment: Environment, command: 'stop'): void {
  execFileSync('python3', ['machine/service.py', command], {
    cwd: example.repository, env: { PATH: process.env.PATH, HOME: root, QUOTES_HOME: home(environment), QUOTES_PORT: String(ports[environment]) },
  });
}

function home(environment: Environment): string {
  return join(root, 'machines', environment);
}

const HEALTHY = '            return "200 OK", self._health\n';

function failOnStaging(): void {
  const fault = `            if self._health["api"] == "${STAGING_API}":\n                return "500 Internal Server Error", {"status": "broken"}\n`;
  edit(join('quotes', 'app.py'), HEALTHY, fault + HEALTHY);
}

/** Throws where there is nothing to replace. */
function edit(path: string, text: string, replacement: string): void {
  const file = join(example.repository, path);
  const before = readFileSync(file, 'utf8');
  if (!before.includes(text)) throw new Error(`${path} of the example does not say ${text}`);
  writeFileSync(file, before.replaceAll(text, replacement));
}

/** Free ports, folders of this test, the Pythons that there are, and short times; all else is the example's. */
async function adaptToThisMachine(): Promise<void> {
  ({ port: ports.staging, candidatePort: ports.production } = await freePorts());
  edit('.projenrc.ts', '8280', String(ports.staging));
  edit('.projenrc.ts', '8380', String(ports.production));
  for (const environment of Object.keys(ports) as Environment[]) edit('.projenrc.ts', `.quotes/${environment}`, home(environment));
  edit('.projenrc.ts', listed(PYTHON_VERSIONS), listed(versions));
  await example.synthesize();
  shortenTimes(example.repository, { intervalMs: 100, timeoutMs: 5000, deadlineMs: 30_000 });
  await example.commit('chore: a machine of its own, and short times');
}

function listed(texts: string[]): string {
  return `[${texts.map((text) => `'${text}'`).join(', ')}]`;
}

/**
 * The versions that the example asks for, as far as this machine has them. Where there is only one Python there are two legs all the
 * same, of its short and its full name: a matrix of one would show nothing.
 */
async function versionsHere(): Promise<string[]> {
  const found = await Promise.all(PYTHON_VERSIONS.map((version) => findPython(version)));
  const there = PYTHON_VERSIONS.filter((_, i) => found[i]);
  if (there.length === PYTHON_VERSIONS.length) return PYTHON_VERSIONS;
  const any = found.find((python) => python) ?? await findPython('');
  if (!any) throw new Error('this machine has no Python 3 with ensurepip (on Debian: apt-get install python3-venv)');
  const legs = there.length > 1 ? there : [any.version.split('.').slice(0, 2).join('.'), any.version];
  const missing = PYTHON_VERSIONS.filter((version) => !there.includes(version));
  process.stderr.write(`\n!!! This machine has no Python ${missing.join(', ')}: the matrix is executed with ${legs.join(', ')} only.\n\n`);
  return legs;
}

/** A temporary folder that goes with the test, one cache for all of pip's downloads, and how this machine reaches PyPI. */
function imageVariables(): Record<string, string> {
  const temporary = join(root, 'temporary');
  mkdirSync(temporary);
  const network = Object.entries(process.env).filter(([name]) => /^(PIP_.*|(https?|no|all)_proxy|SSL_CERT_FILE|REQUESTS_CA_BUNDLE)$/i.test(name));
  return { ...Object.fromEntries(network) as Record<string, string>, TMPDIR: temporary, PIP_CACHE_DIR: join(root, 'pip-cache') };
}
