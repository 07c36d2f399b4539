/** Target.gitOps where the server, the cluster or someone else gets in its way, and where its process is killed. */
import { GitOpsWorld, PATH } from './git-ops-world';
import { FaultKind } from '../../../tools/aws-cli-stand-in/cli-stand-in';
import { FollowedFolder } from '../../../tools/kubectl-stand-in/stand-in';

jest.setTimeout(300_000);

let opened: GitOpsWorld | undefined;
afterEach(async () => {
  await opened?.destroy();
  opened = undefined;
});

async function stable(...given: Parameters<typeof GitOpsWorld.create>): Promise<GitOpsWorld> {
  opened = await GitOpsWorld.create(...given);
  expect(await opened.ship('v1')).toMatchObject({ code: 0 });
  return opened;
}

/** What is wrong, and how it is put right again. */
type Spoil = (shop: GitOpsWorld) => () => void;

const follows = (changes: Partial<FollowedFolder>): Spoil => ({ engine }) => {
  engine.follow(changes);
  return () => engine.follow(Object.fromEntries(Object.keys(changes).map((name) => [name, undefined])));
};
const files = (written: Record<string, string>): Spoil => ({ engine: { git } }) => {
  const before = git.head('main')!;
  git.putFiles('main', written);
  return () => git.setRef('refs/heads/main', before);
};
const denies = (verbs: Record<string, string[]>): Spoil => ({ engine: { kubectl } }) => {
  const rules = Object.entries(verbs).map(([resource, allowed]) => ({ apiGroups: [resource.split('.').slice(1).join('.')], resources: [resource.split('.')[0]!], verbs: allowed }));
  kubectl.state = { ...kubectl.state, rules };
  return () => { kubectl.state = { ...kubectl.state, rules: undefined }; };
};

const FLUX_CASES: readonly [Spoil, RegExp][] = [
  [({ engine }) => { engine.access = 'read'; return () => { engine.access = 'write'; }; }, /the token in DEPLOYMENTS_TOKEN may not do it.*Store a token that may write to acme\/deployments/],
  [({ engine }) => { const { token } = engine; engine.token = 'another'; return () => { engine.token = token; }; }, /the token in DEPLOYMENTS_TOKEN is not accepted/],
  [files({ [`${PATH}/.projen-delivery`]: '{"owner":"other"}' }), /path: apps\/shop of main belongs to the delivery other/],
  [files({ [`${PATH}/.projen-delivery`]: 'spoilt' }), /path: apps\/shop of main holds files that no delivery wrote \(shop\.k8s\.yaml\)/],
  [files({ 'apps/.projen-delivery': '{"owner":"other"}' }), /path: apps of main belongs to another delivery, and apps\/shop overlaps it/],
  [follows({ isSuspended: true }), /follows: Kustomization shop is suspended, so no release would get into the cluster\. flux resume kustomization shop/],
  [follows({ followedBranch: 'other' }), /follows: Kustomization shop follows other, and not the branch main/],
  [follows({ followedPath: 'apps' }), /follows: Kustomization shop follows the folder \.\/apps, and not apps\/shop/],
  [follows({ sourceKind: 'OCIRepository' }), /Correct follows/],
  [denies({ 'gitrepositories.source.toolkit.fluxcd.io': ['get'] }), /cannot get resource "kustomizations".*Role of docs\/targets\/git-ops\.md/],
];

it('refuses what cannot work before anything is changed', async () => {
  const shop = await stable();
  const { git } = shop.engine;
  shop.build('v2');
  const { pushes } = git;
  for (const [spoil, message] of FLUX_CASES) {
    const putRight = spoil(shop);
    const { code, output } = await shop.deploy('v2');
    expect(output).toMatch(message);
    expect(output).toContain('Nothing was changed');
    expect(code).toBe(2);
    putRight();
  }
  expect(git.pushes).toBe(pushes);
  await shop.stands('v1');
});

it('refuses a release without manifests, and one whose Stable is not in the history any more', async () => {
  const shop = await stable();
  const { git } = shop.engine;
  shop.build('v2');
  const head = git.head('main')!;
  git.addFiles('fresh', git.filesOf('main')!);
  git.setRef('refs/heads/main', git.head('fresh')!);
  const lost = await shop.deploy('v2');
  expect(lost.output).toMatch(/the history of main has no commit with v1 \([0-9a-f]{7}\) in apps\/shop, so a bad release could not be rolled back/);
  expect(lost.code).toBe(2);
  git.setRef('refs/heads/main', head);
  shop.empty();
  expect((await shop.deploy('v2')).output).toMatch(/Target\.gitOps manifests: machine\/manifests is empty\. Build the files there/);
  await shop.stands('v1');
});

it('an Application that is not synced automatically is refused', async () => {
  const shop = await stable('argoCd');
  shop.engine.follow({ isSuspended: true });
  expect((await shop.ship('v2')).output).toContain('follows: Application shop is not synced automatically, so no release would get into the cluster. Set spec.syncPolicy.automated');
});

it.each<[string, (shop: GitOpsWorld) => void, number, string, RegExp]>([
  ['a conflict', ({ engine: { git } }) => git.faults.push({ before: () => git.putFiles('main', { [`${PATH}/by-hand.yaml`]: 'kind: ConfigMap' }) }), 3, 'halted',
    /someone else changed apps\/shop in commit [0-9a-f]{7} of main meanwhile; it serves .* which is left alone/],
  ['a rule for the branch', ({ engine: { git } }) => git.reject(['error: GH006: Protected branch update failed for refs/heads/main.', 'error: Changes must be made through a pull request.']), 1, 'rolledBack',
    /a rule for main refuses the push \(.*Changes must be made through a pull request.*Let the owner of the token bypass the rule/],
  ['the server is not reached', ({ engine: { git } }) => git.faults.push(...Array.from({ length: 99 }, () => ({ status: 503 }))), 3, 'halted', /could not be written.*503/],
  ['no space on the server', ({ engine: { git } }) => git.reject(['fatal: write error: No space left on device']), 1, 'rolledBack', /No space left on device/],
  ['a token that is not valid any more', ({ engine: { git } }) => git.faults.push(...Array.from({ length: 99 }, () => ({ status: 401 }))), 3, 'halted', /the token in DEPLOYMENTS_TOKEN is not accepted/],
])('is not the release\'s fault: %s', async (_, spoil, code, state, cause) => {
  const shop = await stable();
  shop.limitCommands(20_000);
  spoil(shop);
  expect((await shop.ship('v2')).code).toBe(code);
  shop.engine.git.reject(undefined);
  expect(await shop.aftermath()).toEqual({ state, cause: expect.stringMatching(cause), blocked: [], users: 'v1' });
});

it('repeats a push after a response that is lost, a server error, and too many requests', async () => {
  const shop = await stable();
  const { git } = shop.engine;
  git.faults.push({ isResponseLost: true }, { isResponseLost: true });
  expect(await shop.ship('v2')).toMatchObject({ code: 0 });
  git.faults.push({ status: 503 }, { status: 429 });
  expect(await shop.ship('v3')).toMatchObject({ code: 0 });
  git.readFaults.push(502, 502);
  expect(await shop.ship('v4')).toMatchObject({ code: 0 });
  await shop.stands('v4');
});

it.each<[FaultKind, string]>([
  ['throttled', 'get kustomizations'], ['unavailable', 'get kustomizations'], ['unavailable', 'get gitrepositories'], ['throttled', 'patch'], ['appliedUnavailable', 'patch'],
])('%s at %s: the release ends as without', async (how, on) => {
  const shop = await stable();
  shop.engine.kubectl.fails({ on, nth: 2, times: 2, how });
  expect(await shop.ship('v2')).toMatchObject({ code: 0 });
  await shop.stands('v2');
});

it('without the right to request a sync, and to read pods, it waits for the interval', async () => {
  const shop = await stable();
  const putRight = denies({ 'kustomizations.kustomize.toolkit.fluxcd.io': ['get'], 'gitrepositories.source.toolkit.fluxcd.io': ['get'] })(shop);
  shop.engine.follow({ lag: 8 });
  const { code, output } = await shop.ship('v2');
  expect(output).toContain('Flux looks at the repository at its own interval, because it cannot be requested');
  expect(code).toBe(0);
  shop.break('v3', 'ContainerCreating');
  expect((await shop.ship('v3')).output).toContain('HealthCheckFailed');
  putRight();
  await shop.stands('v2');
});

it('a controller that never applies the commit: the command ends at its time limit', async () => {
  const shop = await stable();
  shop.limitCommands(8_000);
  shop.engine.follow({ lag: 1_000_000 });
  denies({ 'kustomizations.kustomize.toolkit.fluxcd.io': ['get'], 'gitrepositories.source.toolkit.fluxcd.io': ['get'] })(shop);
  const { output } = await shop.ship('v2');
  expect(output).toMatch(/the cluster did not serve v2 within the command's time limit: the controller has not applied the commit yet/);
});

it('says which release the repository has where the cluster cannot be read', async () => {
  const shop = await stable();
  const { kubectl } = shop.engine;
  kubectl.state = { ...kubectl.state, isDown: true };
  const { output } = await shop.deliver('status', 'production');
  expect(output).toMatch(/the cluster could not be read, so the repository counts: kubectl get: The connection to the server .* was refused/);
  expect(output).toMatch(/v1 \([0-9a-f]{7}, commit [0-9a-f]{7} of main\)/);
});

it('is killed while git has its push, and after git took it: the next job recovers, and the next release is deployed', async () => {
  const shop = await stable();
  let stop: (() => void) | undefined;
  const kill = () => stop!();
  for (const [version, fault] of [['v2', { before: kill, isLost: true }], ['v3', { after: kill, isResponseLost: true }]] as const) {
    shop.build(version);
    shop.engine.git.faults.push(fault);
    expect((await shop.deploy(version, (_, end) => { stop = () => end('SIGKILL'); })).code).not.toBe(0);
    await shop.deliver('rollback', 'production', '--recover');
    await shop.stands('v1');
  }
  expect(await shop.ship('v4')).toMatchObject({ code: 0 });
  await shop.stands('v4');
});

it('after a kill in its push the newest commit is one of the rollback, whether or not git took the push: a later one does not follow it', async () => {
  const shop = await stable();
  const { git } = shop.engine;
  const [before] = git.historyOf('main');
  shop.build('v2');
  let stop: (() => void) | undefined;
  git.faults.push({ before: () => stop!(), isLost: true });
  await shop.deploy('v2', (_, end) => { stop = () => end('SIGKILL'); });
  await shop.deliver('rollback', 'production', '--recover');
  expect(git.messageOf('main')).toContain(`Restore v1 in ${PATH}`);
  expect(git.historyOf('main')).toContain(before);
  await shop.stands('v1');
});
