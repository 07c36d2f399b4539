/** URLs and variables that only a deployment knows, through the bundled runtime as real processes. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MonitoringManifest } from '../../../src/contract/manifest';
import { check, killAt, World } from '../world';

let world: World;
/** Where users are: the server of the world. */
let users: string;

beforeEach(async () => {
  world = await World.create('redeploy');
  users = world.manifest.environments[0].url;
  const { target } = world.manifest.environments[0];
  world.change({
    url: '{output:Api.Url}',
    variables: { API: '{output:Api.Url}/v1' },
    outputs: { names: ['Api.Url'] },
    healthChecks: [check('{output:Api.Url}/health')],
    target: { deploy: { kind: 'bash', line: `${(target.deploy as { line: string }).line}; echo "API=\${API-unset}" >> machine/api; cat machine/outputs >> $DELIVERY_RESULT` } },
    afterPromote: { kind: 'bash', line: 'echo "after: API=$API" >> machine/api' },
  });
  report(`output.Api.Url=${users}/first/`, 'output.Api.Other=more');
});
afterEach(() => world.destroy());

/** What the next deploy commands say of their outputs. */
function report(...lines: string[]): void {
  writeFileSync(join(world.root, 'machine/outputs'), `${lines.join('\n')}\n`);
}

function apis(): string[] {
  return readFileSync(join(world.root, 'machine/api'), 'utf8').trim().split('\n');
}

async function url(): Promise<string> {
  const { output } = await world.delivery('status', '--json');
  return (JSON.parse(output.slice(output.indexOf('['))) as { url: string }[])[0]!.url;
}

test('the first deployment makes its URL known: it is verified there, and every later process knows it', async () => {
  world.release('v1');
  expect(await url()).toBe('{output:Api.Url}');
  const deployed = await world.step({ id: 1, tag: 'v1' }, 'deploy', 'production');
  expect(deployed.output).toContain(`output Api.Url: ${users}/first/`);
  expect([deployed.code, deployed.outputs]).toEqual([0, {
    state: 'confirming',
    url: `${users}/first/`,
    outputs: `{"Api.Other":"more","Api.Url":"${users}/first/"}`,
  }]);
  expect(apis()).toEqual(['API=unset', `after: API=${users}/first/v1`]);
  // a job without credentials reads it from the ledger
  const monitored = await world.step({ id: 1, tag: 'v1', env: { DELIVERY_DEPLOYED: 'success', DELIVERY_STATE: 'confirming' } }, 'monitor', 'production');
  expect([monitored.code, monitored.outputs.state]).toEqual([0, 'stable']);
  expect(await url()).toBe(`${users}/first/`);
});

test('before the next deployment its commands have the values of what is live, and the baseline is probed there', async () => {
  await world.ship('v1');
  report(`output.Api.Url=${users}/second`);
  const { code } = await world.ship('v2');
  expect(code).toBe(0);
  expect(apis().slice(2)).toEqual([`API=${users}/first/v1`, `after: API=${users}/second/v1`]);
  expect(await url()).toBe(`${users}/second`);
});

test('what a rollback restores may have other outputs: they count from then on', async () => {
  await world.ship('v1');
  report(`output.Api.Url=${users}/third`);
  const { code, output } = await world.ship('v2', 'error');
  expect(output).toContain('v2 was bad on production and was rolled back: v1 is live again, verified');
  expect([code, await url()]).toEqual([1, `${users}/third`]);
  report(`output.Api.Url=${users}/fourth`);
  await world.ship('v3');
  expect(apis().slice(-2)).toEqual([`API=${users}/third/v1`, `after: API=${users}/fourth/v1`]);
});

describe('an output that cannot be used is a failed deployment, which is rolled back', () => {
  test.each([
    ['it disappears', ['output.Api.Other=x'], 'the deployment has no output Api.Url: it has Api.Other'],
    ['it is no URL', ['output.Api.Url=::add-mask::x'], 'the output Api.Url of url makes no URL: : :add-mask::x'],
    ['it holds a password', ['output.Api.Url=https://me:secret@example.com'], 'makes a URL with credentials in it'],
  ])('%s', async (_, lines, said) => {
    await world.ship('v1');
    world.change({ afterPromote: { kind: 'bash', line: `echo 'output.Api.Url=${users}' > machine/outputs` } });
    world.change({ target: { deploy: { kind: 'bash', line: `${(world.manifest.environments[0].target.deploy as { line: string }).line}; echo 'output.Api.Url=${users}/back' > machine/outputs` } } });
    report(...lines);
    const { code, output } = await world.ship('v2');
    expect(output).toContain(said);
    expect(output).not.toContain('secret@');
    expect(output).toContain('v1 is live again, verified');
    expect([code, world.served, await url()]).toEqual([1, 'v1', `${users}/back`]);
  });
});

test('a rollback is not given up because of its outputs: those that were recorded with the release are used', async () => {
  await world.ship('v1');
  report('output.Api.Other=x');
  const { code, output } = await world.ship('v2');
  expect(output).toContain('The outputs of the restored release cannot be used');
  expect(output).toContain('v1 is live again, verified');
  expect([code, world.served, await url()]).toEqual([1, 'v1', `${users}/first/`]);
});

test('a process that is killed leaves the outputs to the next one', async () => {
  await world.ship('v1');
  report(`output.Api.Url=${users}/second`);
  world.release('v2');
  await world.step({ id: 2, tag: 'v2', onLine: killAt('Bake') }, 'deploy', 'production');
  expect(await url()).toBe(`${users}/second`);
  const { code, output } = await world.step({ id: 2, tag: 'v2', env: { DELIVERY_DEPLOYED: 'failure' } }, 'rollback', 'production', '--recover');
  expect(output).toContain('v1 is live again, verified');
  expect([code, world.served]).toEqual([1, 'v1']);
  expect(existsSync(join(world.root, 'machine/ledger.json'))).toBe(true);
});

test('the watch probes at the URL that the ledger recorded', async () => {
  await world.ship('v1');
  const monitoring: MonitoringManifest = {
    environments: ['production'], intervalMs: 300_000, retries: 0, firesAfter: 1, resolvesAfter: 1, workflow: 'monitor.yml', deploymentWorkflows: [],
  };
  writeFileSync(join(world.root, '.projen/delivery.json'), JSON.stringify({ ...world.manifest, monitoring }));
  const before = world.responses.length;
  const { code, output } = await world.delivery('watch');
  expect([code, world.responses.length > before]).toEqual([0, true]);
  expect(output).not.toContain('{output:');
});

test('a first release without an output is halted: there is no rollback point', async () => {
  report('output.Api.Other=x');
  const { code, output } = await world.ship('v1');
  expect(output).toContain('the deployment has no output Api.Url: it has Api.Other');
  expect(code).toBe(3);
});
