/** The driver against git's own server over HTTP, and the stand-in for kubectl with a controller. Each command is a process of the bundled runtime. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { GitOpsWorld, PATH, TOKEN } from './git-ops-world';
import { RuleOfStandIn } from '../../../tools/kubectl-stand-in/stand-in';

jest.setTimeout(300_000);

let opened: GitOpsWorld | undefined;
afterEach(async () => {
  await opened?.destroy();
  opened = undefined;
});

async function world(...given: Parameters<typeof GitOpsWorld.create>): Promise<GitOpsWorld> {
  opened = await GitOpsWorld.create(...given);
  return opened;
}

const versionIn = (shop: GitOpsWorld) => JSON.parse(shop.engine.files[`${PATH}/.projen-delivery`]!).release.version as string;

it.each(['flux', 'argoCd'] as const)('%s: commits a release to its folder, waits until the cluster serves it, and goes back by another commit', async (controller) => {
  const shop = await world(controller);
  const { git } = shop.engine;
  const first = git.historyOf('main');
  expect(await shop.ship('v1')).toMatchObject({ code: 0 });
  await shop.stands('v1');
  expect(shop.engine.files).toMatchObject({ 'README.md': 'deployments', 'apps/other/web.yaml': 'kind: ConfigMap' });
  const good = await shop.ship('v2');
  expect(good).toMatchObject({ code: 0 });
  expect(good.output).toMatch(/main has v2 in apps\/shop, commit [0-9a-f]{7}, and the cluster serves it/);
  await shop.stands('v2');
  const before = git.historyOf('main');
  expect(before).toHaveLength(first.length + 2);
  expect(await shop.ship('v3', 'bad')).toMatchObject({ code: 1, output: expect.stringContaining('is live again, verified') });
  await shop.stands('v2');
  expect(versionIn(shop)).toBe('v2');
  // two commits more, and none is lost
  expect(git.historyOf('main').slice(2)).toEqual(before);
  const back = await shop.deliver('rollback', 'production', '--release', 'v1', '--reason', 'a test');
  expect(back).toMatchObject({ code: 0 });
  await shop.stands('v1');
  expect(await shop.deliver('rollback', 'production', '--release', 'v1', '--reason', 'a test')).toMatchObject({ code: 0 });
  await shop.stands('v1');
  expect(`${good.output}${back.output}`).not.toContain(TOKEN);
});

it('names the release in the commit, and the owner in the folder', async () => {
  const shop = await world();
  await shop.ship('v1');
  const sha = shop.world.git('rev-parse', 'v1');
  const message = shop.engine.git.messageOf('main');
  expect(message).toContain(`Deploy v1 in ${PATH}`);
  expect(message).toContain(`Delivery-Sha: ${sha}`);
  expect(JSON.parse(shop.engine.files[`${PATH}/.projen-delivery`]!)).toMatchObject({ owner: 'shop-production', release: { version: 'v1', sha } });
});

it.each(['flux', 'argoCd'] as const)('%s: names the reason of a pod that does not run, and goes back', async (controller) => {
  const shop = await world(controller);
  await shop.ship('v1');
  shop.break('v2', 'InvalidImageName');
  const { code, output } = await shop.ship('v2');
  expect(output).toMatch(/web-v2-x: the container web waits: InvalidImageName: it waits for shop:v2/);
  expect(output).not.toContain('other-1-x');
  expect(code).toBe(1);
  await shop.stands('v1');
});

it('names the error of the controller, and goes back', async () => {
  const shop = await world();
  await shop.ship('v1');
  shop.break('v2', 'ContainerCreating');
  const { code, output } = await shop.ship('v2');
  expect(output).toContain('Kustomization shop: HealthCheckFailed: health check failed after 30s');
  expect(code).toBe(1);
  await shop.stands('v1');
});

it('without a cluster that it may read, the health checks wait for the release', async () => {
  const shop = await world('none');
  for (const version of ['v1', 'v2']) {
    shop.build(version, version === 'v2' ? 'bad' : 'good');
    // a controller that no one can read
    shop.engine.git.onPush = () => shop.serve(versionIn(shop));
    await shop.deploy(version);
  }
  await shop.stands('v1');
  expect(versionIn(shop)).toBe('v1');
});

it('lets others commit beside it, before and while it pushes, and between a release and its rollback', async () => {
  const shop = await world();
  const { git } = shop.engine;
  await shop.ship('v1');
  git.faults.push({ before: () => git.putFiles('main', { 'apps/other/web.yaml': 'another' }) });
  expect(await shop.ship('v2')).toMatchObject({ code: 0 });
  git.faults.push({ after: () => git.putFiles('main', { 'apps/other/more.yaml': 'more' }) });
  expect(await shop.ship('v3', 'bad')).toMatchObject({ code: 1, output: expect.stringContaining('is live again, verified') });
  await shop.stands('v2');
  expect(shop.engine.files).toMatchObject({ 'apps/other/web.yaml': 'another', 'apps/other/more.yaml': 'more' });
  git.putFiles('main', { 'README.md': 'new' });
  await shop.stands('v2');
});

it('reports what someone else changed in the folder, and a rollback restores it', async () => {
  const shop = await world();
  const { git } = shop.engine;
  await shop.ship('v1');
  git.putFiles('main', { [`${PATH}/shop.k8s.yaml`]: '{"image":"shop:v0"}' });
  for (let i = 0; i < 3; i++) await shop.status();
  expect((await shop.status()).changedByHand).toMatch(/apps\/shop in commit [0-9a-f]{7} of main/);
  expect(await shop.deliver('rollback', 'production', '--release', 'v1', '--reason', 'a test')).toMatchObject({ code: 0 });
  await shop.stands('v1');
});

it('takes over a folder that a person hands over, and goes back to it', async () => {
  const shop = await world();
  const { git } = shop.engine;
  git.putFiles('main', { [`${PATH}/old.yaml`]: '{"image":"shop:v0"}', [`${PATH}/.projen-delivery`]: '{"owner":"shop-production"}' });
  for (let i = 0; i < 3; i++) await shop.status();
  shop.build('v0');
  expect(await shop.deliver('adopt', 'production', '--release', 'v0', '--reason', 'it was there')).toMatchObject({ code: 0 });
  expect(await shop.ship('v1', 'bad')).toMatchObject({ code: 1, output: expect.stringContaining('is live again, verified') });
  expect(shop.engine.served).toBe('v0');
  expect(Object.keys(shop.engine.files)).toContain(`${PATH}/old.yaml`);
});

it.each([['flux', 0], ['argoCd', 1]] as const)('%s: the Roles of the documentation allow what it requests, and nothing else', async (controller, nth) => {
  const page = readFileSync(join(__dirname, '../../../docs/targets/git-ops.md'), 'utf8');
  const blocks = [...page.matchAll(/^```yaml\n((?:apiVersion: rbac|rules:)[^]*?)^```/gm)].map(([, yaml]) => parseAllDocuments(yaml!).map((document) => document.toJS() as { rules: readonly RuleOfStandIn[] }));
  // the namespace of the pods has its own Role, whatever the controller is
  const rules = [...blocks[nth]!.slice(0, 1), blocks[0]![1]!].flatMap((role) => role.rules);
  const shop = await world(controller);
  const { kubectl } = shop.engine;
  kubectl.state = { ...kubectl.state, rules };
  await shop.ship('v1');
  shop.break('v2', 'InvalidImageName');
  expect((await shop.ship('v2')).output).toContain('InvalidImageName');
  await shop.stands('v1');
  const granted = rules.flatMap(({ apiGroups: [group], resources, verbs }) => resources.flatMap((resource) => verbs.map((verb) => `${verb} ${[resource, group].filter(Boolean).join('.')}`)));
  expect(kubectl.requests).toEqual(granted.sort());
});

it('shows in the plan which files change', async () => {
  const shop = await world();
  await shop.ship('v1');
  shop.build('v2', 'good', [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings' } }]);
  const { output } = await shop.deliver('plan', 'production', '--release', 'v2');
  expect(output).toMatch(/changed.*shop\.k8s\.yaml/);
});
