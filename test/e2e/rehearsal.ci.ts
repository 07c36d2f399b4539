/**
 * The rehearsal as a user has it: the bundled program of the package, found by the runtime in node_modules, executes the synthesized workflows
 * of the examples. Each example has another target: tasks with slots, commands, AWS CDK.
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CHECKOUT, prepareExample, prepareShop, Workspace } from '../examples/workspace';

let root: string;

interface RehearsedScenario {
  readonly release: string;
  readonly fault: string;
  readonly name: string;
  readonly live: string;
  readonly before: string;
  readonly users: { readonly requests: number; readonly failed: number };
  readonly phases: readonly { readonly state: string }[];
  readonly jobs: Readonly<Record<string, string>>;
  readonly commands: readonly { readonly call: string; readonly version: string }[];
}

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'delivery-rehearsals-'));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

test('the shop: a bad release reaches users, is found and is taken back; the repository is not changed', async () => {
  const shop = await prepareShop({ root });
  const { code, output } = await rehearse(shop, '--release', 'bad');
  expect(output).toContain('Ends rolled back');
  expect(code).toBe(0);
  expect(output).toMatch(/rolledBack +switch back succeeded/);
  expect(output).toMatch(/\n {2}[1-9]\d* of \d+ requests failed\. They end on v1\.0\.1, the release before\./);
  expect(output).toContain('no notification: no channel takes this event');
  expect(output).toContain('Not executed: node scripts/run-task.cjs bundle (build).');
  expect(await shop.git('status', '--porcelain')).toBe('');
  expect((await rehearse(shop, '--fault', 'fire')).output).toContain('--fault fire: there is no such fault. There is: none, cancel,');
});

test('the Python service: without node_modules the command says what to run, and the program of the package runs there', async () => {
  const service = await prepareExample('python-service', { root });
  rmSync(join(service.repository, 'node_modules'), { recursive: true });
  const { code, output } = await rehearse(service, '--release', 'crash');
  expect(output).toContain('which is not installed here. Install the npm packages of this repository, or run: npx projen-delivery@0.0.0 rehearse --release crash');
  expect(code).toBe(2);
  const scenario = await program(service, '--release', 'crash');
  expect(scenario).toMatchObject({ name: 'rolled back', jobs: { deploy_production: 'failure' } });
  expect(scenario.live).toBe(scenario.before);
});

test('the CDK app: its sign-in and its CLI are replaced, and a lost runner is recovered from another one', async () => {
  const app = await prepareExample('aws-cdk-app', { root });
  const scenario = await program(app, '--fault', 'lost-runner');
  expect(scenario).toMatchObject({ name: 'rolled back', jobs: { deploy_staging: 'success', deploy_production: 'failure', rollback_production: 'failure' } });
  expect(scenario.phases.at(-1)).toMatchObject({ state: 'rolledBack' });
});

test('a delivery that would leave users on a bad release is unsafe', async () => {
  const shop = new Workspace(join(root, 'shop'));
  const file = join(shop.repository, '.projen/delivery.json');
  const manifest = readFileSync(file, 'utf8');
  rmSync(file);
  // each status is healthy, and no check knows the release
  writeFileSync(file, manifest.replace(/"last": 299/g, '"last": 599').replace(/"release": \{[^}]*\},/g, '').replace(/"bodyPattern": "[^"]*(\\"[^"]*)*",/g, ''));
  const { code, output } = await rehearse(shop, '--release', 'bad');
  expect(output).toContain('Ends unsafe: users have the bad release');
  expect(code).toBe(1);
});

function rehearse({ repository }: Workspace, ...args: string[]): Promise<{ readonly code: number; readonly output: string }> {
  return run(repository, [join(repository, '.projen/delivery.cjs'), 'rehearse', ...args]);
}

/** As `npx projen-delivery@<version>` runs it. */
async function program({ repository }: Workspace, ...args: string[]): Promise<RehearsedScenario> {
  const { output } = await run(repository, [join(CHECKOUT, 'assets/rehearsal/main.cjs'), 'rehearse', '--json', ...args]);
  const [scenario] = JSON.parse(output) as [RehearsedScenario];
  return scenario;
}

function run(cwd: string, argv: string[]): Promise<{ readonly code: number; readonly output: string }> {
  const { PATH, HOME } = process.env;
  return new Promise((resolve) => {
    execFile(process.execPath, argv, { cwd, env: { PATH, HOME }, timeout: 280_000 }, (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code ?? 99) : 0, output: stdout + stderr });
    });
  });
}
