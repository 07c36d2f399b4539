/** A script or program that does not exist is found before anything is deployed: through the bundled runtime as a real process. */
import { appendFileSync, chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { CommandManifest, EnvironmentManifest } from '../../../src/contract/manifest';
import { Ended, World } from '../world';

let world: World;
afterEach(() => world.destroy());

const bash = (line: string): CommandManifest => ({ kind: 'bash', line });
const exec = (...argv: string[]): CommandManifest => ({ kind: 'exec', argv });

async function begin(strategy: 'redeploy' | 'blueGreen' = 'redeploy'): Promise<void> {
  world = await World.create(strategy);
  // what a test writes is no part of the release
  appendFileSync(join(world.root, '.git/info/exclude'), '*\n');
  world.release('v1');
}

/** The environment's own commands, but for these. */
function withTarget(target: Partial<EnvironmentManifest['target']>): void {
  world.change({ target: { ...world.manifest.environments[0].target, ...target } });
}

function write(file: string, text: string, mode = 0o755): void {
  mkdirSync(join(world.root, file, '..'), { recursive: true });
  writeFileSync(join(world.root, file), text);
  chmodSync(join(world.root, file), mode);
}

function writeTasks(tasks: Record<string, object>, env: Record<string, string> = {}): void {
  write('.projen/tasks.json', JSON.stringify({ tasks, env }), 0o644);
}

function nothingWasChanged({ code, output }: Ended): void {
  expect(code).toBe(2);
  expect(output).toMatch(/Nothing was changed|Nothing is deployed/);
  expect(world.commands).toEqual([]);
}

const path = () => (process.env.PATH ?? '').split(delimiter).join(':');

describe('a script that does not exist', () => {
  it('is named in the plan of a laptop, with the option and the fix', async () => {
    await begin();
    withTarget({ deploy: bash('./ship.sh --fast') });
    const ended = await world.delivery('plan', 'production');
    nothingWasChanged(ended);
    expect(ended.output).toContain(`production: target deploy runs ./ship.sh, which does not exist (looked in ${world.root}). Create it, run chmod +x ./ship.sh, and commit it`);
  });

  it.each(['laptop', 'job'])('stops a deployment before it begins (%s)', async (where) => {
    await begin();
    withTarget({ deploy: bash('./ship.sh') });
    const ended = where === 'job' ? await world.step({ id: world.newRun(), tag: 'v1' }, 'deploy', 'production') : await world.delivery('deploy', 'production');
    nothingWasChanged(ended);
    expect(ended.output).toContain('target deploy runs ./ship.sh, which does not exist');
    expect((await world.delivery('status')).output).toContain('none yet');
  });

  it('is not looked for by the plan of a job, which has checked out no scripts', async () => {
    await begin();
    withTarget({ deploy: bash('./ship.sh') });
    const { code, outputs } = await world.step({ id: world.newRun(), tag: 'v1' }, 'plan', 'production');
    expect([code, outputs.go]).toEqual([0, 'true']);
  });

  it('is another fault where it is not executable', async () => {
    await begin();
    write('ship.sh', 'true\n', 0o644);
    withTarget({ deploy: bash('./ship.sh') });
    const ended = await world.delivery('deploy', 'production');
    nothingWasChanged(ended);
    expect(ended.output).toContain(`target deploy runs ./ship.sh, which is not executable (${join(world.root, 'ship.sh')}). Run chmod +x ./ship.sh, and commit it`);
  });

  it('is found for every command of a deployment, and all of them at once', async () => {
    await begin('blueGreen');
    const { target } = world.manifest.environments[0];
    const check = { ...world.manifest.environments[0].healthChecks[0], kind: 'command', name: 'smoke', command: bash('./smoke.sh'), secrets: [] };
    world.change({
      beforeDeploy: bash('./before.sh'),
      afterPromote: bash('./after.sh'),
      target: { ...target, migrate: bash('./migrate.sh'), promote: bash('GREETING=hi ./promote.sh'), rollback: exec('./back.sh') },
      healthChecks: [...world.manifest.environments[0].healthChecks, check as never],
    });
    const ended = await world.delivery('deploy', 'production');
    nothingWasChanged(ended);
    for (const option of ['beforeDeploy runs ./before.sh', 'target migrate runs ./migrate.sh', 'target promote runs ./promote.sh', 'target rollback runs ./back.sh',
      'afterPromote runs ./after.sh', 'health check "smoke" runs ./smoke.sh']) expect(ended.output).toContain(`production: ${option}, which does not exist`);
  });

  it('stops a rollback by hand as well', async () => {
    await begin();
    await world.delivery('deploy', 'production', '--release', 'v1');
    await world.ship('v2');
    world.forgetCommands();
    withTarget({ rollback: bash('bash scripts/back.sh') });
    const ended = await world.delivery('rollback', 'production', '--release', 'v1');
    nothingWasChanged(ended);
    expect(ended.output).toContain('target rollback runs bash scripts/back.sh, and scripts/back.sh does not exist');
  });
});

describe('a program that is not installed', () => {
  it('is named with the folders that were looked in', async () => {
    await begin();
    withTarget({ deploy: bash('kubectl-that-is-not-here apply') });
    const ended = await world.delivery('plan', 'production');
    nothingWasChanged(ended);
    expect(ended.output.replace(/\s+/g, ' ')).toContain(`target deploy runs kubectl-that-is-not-here, which is in no folder of the PATH (${path()}). Install kubectl-that-is-not-here`);
  });

  it('is to be installed in setupSteps in a job', async () => {
    await begin();
    withTarget({ deploy: exec('no-such-tool', 'x') });
    const ended = await world.step({ id: world.newRun(), tag: 'v1' }, 'deploy', 'production');
    nothingWasChanged(ended);
    expect(ended.output).toContain('Install no-such-tool in setupSteps');
  });

  it('is looked for where the environment\'s own PATH says', async () => {
    await begin();
    write('tools/no-such-tool', '#!/bin/sh\n');
    withTarget({ deploy: bash('no-such-tool') });
    world.change({ variables: { PATH: `${join(world.root, 'tools')}:${path()}` } });
    expect((await world.delivery('plan', 'production')).code).toBe(0);
  });
});

describe('the steps of a task', () => {
  const NODE = { PATH: '$(npx -c "node --print process.env.PATH")' };

  it.each<[string, Record<string, object>, string]>([
    ['a task that there is not', {}, 'the task ship, which'],
    ['a script', { ship: { steps: [{ say: 'shipping' }, { exec: './ship.sh "$@"' }] } }, 'the task ship, whose step "./ship.sh "$@"" runs ./ship.sh, which does not exist'],
    ['a program', { ship: { steps: [{ exec: 'echo shipping' }, { exec: 'no-such-tool apply' }] } }, 'runs no-such-tool, which is in no folder of the PATH'],
    ['a task that it spawns', { ship: { steps: [{ spawn: 'apply' }] }, apply: { steps: [{ execArgs: ['no-such-tool', '$@'] }] } }, 'the task apply, whose step "no-such-tool $@" runs no-such-tool'],
    ['its folder', { ship: { cwd: 'k8s', steps: [{ exec: './ship.sh' }] } }, '/k8s)'],
    ['an npm script', { ship: { steps: [{ exec: 'npm run upload' }] } }, 'runs npm run upload, and'],
  ])('are looked at: %s', async (_title, tasks, message) => {
    await begin();
    write('package.json', JSON.stringify({ scripts: { ship: 'true' } }));
    writeTasks(tasks, NODE);
    withTarget({ deploy: exec('npx', 'projen', 'ship') });
    const ended = await world.delivery('plan', 'production');
    nothingWasChanged(ended);
    expect(ended.output).toContain(message);
  });

  it.each<[string, object]>([
    ['a tool of the project\'s packages', { steps: [{ exec: 'cdk deploy' }] }],
    ['what an earlier step may have installed', { steps: [{ exec: 'npm ci' }, { exec: 'no-such-tool' }] }],
    ['what an earlier script may have made', { steps: [{ exec: 'echo a > made.sh' }, { exec: './made.sh' }] }],
    ['a step with a condition', { steps: [{ exec: './ship.sh', condition: 'false' }] }],
    ['a task with a condition', { condition: 'false', steps: [{ exec: './ship.sh' }] }],
    ['a line that goes on after a failure', { steps: [{ exec: './ship.sh; true' }] }],
    ['a PATH that only a shell knows', { env: { PATH: '$(poetry env info -p)/bin:$PATH' }, steps: [{ exec: 'no-such-tool' }] }],
    ['tasks that spawn each other', { steps: [{ spawn: 'ship' }] }],
    ['tasks that start each other', { steps: [{ exec: 'npx projen ship' }] }],
    ['an npm script that need not be there', { steps: [{ exec: 'npm run upload --if-present' }] }],
  ])('are no false alarm: %s', async (_title, task) => {
    await begin();
    write('node_modules/.bin/cdk', '#!/bin/sh\n');
    write('package.json', '{}');
    writeTasks({ ship: task }, NODE);
    withTarget({ deploy: exec('npx', 'projen', 'ship') });
    const { code, output } = await world.delivery('plan', 'production');
    expect([code, output.includes('Nothing is deployed')]).toEqual([0, false]);
  });

  it('are looked at in the virtual environment of a Python project', async () => {
    await begin();
    write('.env/bin/projen', '#!/bin/sh\n');
    write('.env/bin/ansible', '#!/bin/sh\n');
    const pip = "$(python -c \"import os, sys; python_dir = 'Scripts' if sys.platform == 'win32' else 'bin'; print('{0}/.env/{1}{2}{3}'.format(os.getcwd(), python_dir, os.pathsep, os.environ['PATH']))\")";
    writeTasks({ ship: { steps: [{ exec: 'ansible' }] }, bad: { steps: [{ exec: 'no-such-tool' }] } }, { PATH: pip });
    withTarget({ deploy: exec('.env/bin/projen', 'ship') });
    expect((await world.delivery('plan', 'production')).code).toBe(0);
    withTarget({ deploy: exec('.env/bin/projen', 'bad') });
    expect((await world.delivery('plan', 'production')).output).toContain('runs no-such-tool, which is in no folder of the PATH');
  });
});

describe('no false alarm', () => {
  it.each([
    'cd missing && ./ship.sh', 'slot=blue; ./ship.sh', '"./ship it.sh"', '$TOOL apply', './ship-$DEPLOY_ENV.sh', '~/ship.sh', 'ship() { true; }; ship', 'ship () { true; }', 'no-such-tool || true',
    './ship.sh | tee log', './ship.sh & wait', 'if [ -x ./ship.sh ]; then ./ship.sh; fi', '[ ! -x ./ship.sh ]', '! ./ship.sh', './ship.sh && true; true', 'PATH=tools ship-it', '{ ./ship.sh; }', '(./ship.sh)',
    'exec ./ship.sh', 'time ./ship.sh', '`which ship`', '$(cat tool)', 'FOO="$(x)" ./ship.sh', '*.sh', 'export A=1; ./ship.sh', 'bash -c "./ship.sh"', 'sh ship.sh', '# ship\n: nothing', './dist/ship.sh',
  ])('%s', async (line) => {
    await begin();
    write('dist/other', '');
    world.manifest = { ...world.manifest, artifact: { paths: ['dist'] } };
    withTarget({ deploy: bash(line) });
    const { code, output } = await world.delivery('plan', 'production');
    expect([code, output]).toEqual([0, expect.not.stringContaining('does not exist')]);
  });

  it('a function that bash gets from its environment', async () => {
    await begin();
    withTarget({ deploy: bash('no-such-tool') });
    expect((await world.run(['plan', 'production'], { 'BASH_FUNC_no-such-tool%%': '() { true; }' })).code).toBe(0);
    expect((await world.run(['plan', 'production'], { BASH_ENV: '/dev/null' })).code).toBe(0);
  });
});
