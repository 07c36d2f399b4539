/** Target.kubernetes with a Rollout of Argo Rollouts, as the runtime runs it, with a stand-in for kubectl and for the controller. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { ArgoRolloutsWorld } from './argo-rollouts-world';
import { configMap } from './kubernetes-world';
import { Fault, FaultKind } from '../../../tools/aws-cli-stand-in/cli-stand-in';
import { RuleOfStandIn } from '../../../tools/kubectl-stand-in/stand-in';
import { Behaviour } from '../../runtime/world';

let argo: ArgoRolloutsWorld;
afterEach(() => argo.world.destroy());

const FULL = { canary: { steps: [{ setWeight: 100 }] } };
const changes = () => argo.aws.changes.filter((call) => !['create', 'replace'].includes(call));

/** Stable has all users, and the spec is Stable's. */
async function isBack(version: string, strategy: object = FULL): Promise<void> {
  await argo.stands(version);
  expect(argo.rollout).toEqual({ image: `shop:${version}`, strategy });
  expect((await argo.status()).last?.state).toBe('rolledBack');
}

const named = () => argo.aws.names.filter((name) => name.startsWith('ConfigMap/settings'));

/** Releases a version whose pods read a ConfigMap with a name of its own, and returns which were there at a line of the log. */
async function shipNamed(version: string, behaviour: Behaviour, where: string): Promise<readonly string[]> {
  argo.build(version, behaviour, { more: [configMap(`settings-${version}`)] });
  let there: readonly string[] = [];
  await argo.deploy(version, (line) => {
    if (line.includes(where)) there = named();
  });
  return there;
}

describe.each(['canary', 'blueGreen'] as const)('what only Stable has (%s)', (strategy) => {
  it('stays as long as it has users, and goes when the release has them all', async () => {
    argo = await ArgoRolloutsWorld.create(strategy);
    await shipNamed('v1.0.0', 'good', '');
    expect(await shipNamed('v1.1.0', 'good', 'users are on Stable')).toEqual(['ConfigMap/settings-v1.0.0', 'ConfigMap/settings-v1.1.0']);
    await argo.stands('v1.1.0');
    expect(named()).toEqual(['ConfigMap/settings-v1.1.0']);
    expect(await shipNamed('v1.2.0', 'bad', 'users are on Stable')).toEqual(['ConfigMap/settings-v1.1.0', 'ConfigMap/settings-v1.2.0']);
    await argo.stands('v1.1.0');
    expect(named()).toEqual(['ConfigMap/settings-v1.1.0']);
  });
});

describe('a canary', () => {
  beforeEach(async () => {
    argo = await ArgoRolloutsWorld.create('canary');
    await argo.begin('v1.0.0');
  });

  it('gets its weights one after the other, and all users in the end', async () => {
    const ended = await argo.ship('v1.1.0');
    expect([ended.code, changes()]).toEqual([0, ['apply', 'patch', 'patch', 'patch']]);
    for (const said of ['web sends 5 % to v1.1.0 (1 of 4 pods)', 'web sends 25 % to v1.1.0 (1 of 4 pods)', 'web sends all users to v1.1.0']) expect(ended.output).toContain(said);
    expect(ended.output).toContain('Rollout web has 4 pods');
    await argo.stands('v1.1.0');
    expect(argo.rollout).toEqual({ image: 'shop:v1.1.0', strategy: FULL });
  });

  it('that is bad loses its users with one change, and then the spec is Stable\'s again', async () => {
    const ended = await argo.ship('v1.1.0', 'bad');
    expect([ended.code, changes()]).toEqual([1, ['apply', 'patch', 'patch', 'apply']]);
    await isBack('v1.0.0');
  });

  it('whose pods crash fails with the reason, and is taken back', async () => {
    argo.break('v1.1.0', 'CrashLoopBackOff', 4);
    const ended = await argo.ship('v1.1.0');
    expect([ended.code, ended.output]).toEqual([1, expect.stringMatching(/set the weight to 5 % failed: .*CrashLoopBackOff, 4 restarts/)]);
    expect(argo.world.responses).not.toContain('v1.1.0');
    await isBack('v1.0.0');
  });

  it.each([
    ['promote', 'web sends 5 %', 'someone else changed Rollout web meanwhile: its release has all users already'],
    ['abort', 'web sends 5 %', 'someone else changed Rollout web meanwhile: it was aborted'],
    ['abort', 'users are on Stable', 'someone else changed Rollout web meanwhile: it was aborted'],
  ] as const)('that someone decides by hand (%s, after "%s") is taken back', async (decision, where, why) => {
    let isDone = false;
    const ended = await argo.ship('v1.1.0', 'good', (line) => {
      if (isDone || !line.includes(where)) return;
      isDone = true;
      argo.aws.decideByHand(decision);
    });
    expect([ended.code, ended.output]).toEqual([1, expect.stringContaining(why)]);
    expect(await argo.aftermath()).toMatchObject({ state: 'rolledBack', cause: expect.stringContaining(why), blocked: [] });
    await isBack('v1.0.0');
  });

  it.each<[string, Fault, RegExp]>([
    ['a permission that is missing', { on: 'patch', nth: 1, how: 'denied' }, /Error from server \(Forbidden\)/],
    ['no space in the cluster', { on: 'patch', nth: 1, how: 'full' }, /database space exceeded/],
    ['a sign-in that expired', { on: 'patch', nth: 1, how: 'signedOut' }, /You must be logged in/],
    ['the cluster is not reached', { on: 'patch', nth: 1, times: 16, how: 'unreachable' }, /connection refused/],
  ])('is not the release\'s fault: %s', async (_, fault, cause) => {
    if (fault.how === 'unreachable') argo.limitCommands(15_000);
    argo.aws.fails(fault);
    expect((await argo.ship('v1.1.0')).code).toBe(1);
    expect(await argo.aftermath()).toMatchObject({ state: 'rolledBack', cause: expect.stringMatching(cause), blocked: [] });
    await isBack('v1.0.0');
  });

  it.each(['web sends 5 %', 'users are on Stable'])('that someone pauses by hand (after "%s") is taken back', async (where) => {
    let isDone = false;
    const ended = await argo.ship('v1.1.0', 'good', (line) => {
      if (isDone || !line.includes(where)) return;
      isDone = true;
      argo.aws.pauseByHand();
    });
    expect([ended.code, ended.output]).toEqual([1, expect.stringContaining('it is paused (spec.paused)')]);
    await isBack('v1.0.0');
  });

  it('is recovered where it was killed in the middle, and status names the shares until then', async () => {
    await argo.ship('v1.1.0', 'good', (line, stop) => {
      if (line.includes('web sends 25 %')) stop('SIGKILL');
    });
    expect((await argo.status()).live).toContain('v1.0.0 (1 pod), v1.1.0 (1 pod)');
    expect((await argo.deliver('rollback', 'production', '--recover')).code).toBe(0);
    await isBack('v1.0.0');
  });

  it.each<[FaultKind, string]>([['throttled', 'patch'], ['unavailable', 'patch'], ['appliedUnavailable', 'patch'], ['busy', 'patch'], ['unavailable', 'get objects'], ['appliedUnavailable', 'apply']])(
    '%s at %s: it ends as without', async (how, on) => {
      argo.aws.fails({ on, nth: 1, how });
      expect((await argo.ship('v1.1.0')).code).toBe(0);
      await argo.stands('v1.1.0');
    });

  it('halts where no change back is allowed, and a rollback by hand ends that', async () => {
    argo.aws.fails({ on: 'patch', nth: 2, times: 99, how: 'denied' }, { on: 'apply', nth: 2, times: 99, how: 'denied' });
    const ended = await argo.ship('v1.1.0', 'bad');
    expect(ended.code).toBe(3);
    argo.aws.fails();
    expect((await argo.deliver('rollback', 'production', '--release', 'v1.0.0', '--reason', 'a test')).code).toBe(0);
    await argo.stands('v1.0.0');
    expect(argo.rollout).toEqual({ image: 'shop:v1.0.0', strategy: FULL });
  });

  it('that was halted gives way to a release with the fix', async () => {
    argo.aws.fails({ on: 'patch', nth: 2, times: 99, how: 'denied' }, { on: 'apply', nth: 2, times: 99, how: 'denied' });
    expect((await argo.ship('v1.1.0', 'bad')).code).toBe(3);
    argo.aws.fails();
    expect((await argo.ship('v1.2.0')).code).toBe(0);
    await argo.stands('v1.2.0');
  });

  it('that was halted with all users does not spare the next one its trial', async () => {
    argo.aws.fails({ on: 'apply', nth: 2, times: 99, how: 'denied' });
    expect((await argo.ship('v1.1.0', 'good', (line) => {
      if (line.includes('web sends all users to v1.1.0')) argo.world.behaviours['v1.1.0'] = 'bad';
    })).code).toBe(3);
    argo.aws.fails();
    const ended = await argo.ship('v1.2.0');
    expect([ended.code, ended.output]).toEqual([0, expect.stringContaining('web sends 5 % to v1.2.0')]);
    await argo.stands('v1.2.0');
  });

  it('is drilled, and a rollback by hand goes back twice in the same way', async () => {
    expect((await argo.deliver('drill', 'production')).code).toBe(0);
    await argo.stands('v1.0.0');
    expect((await argo.ship('v1.1.0')).code).toBe(0);
    for (let i = 0; i < 2; i++) {
      expect((await argo.deliver('rollback', 'production', '--release', 'v1.0.0', '--reason', 'a test')).code).toBe(0);
      await argo.stands('v1.0.0');
    }
  });

  it.each<[string, Parameters<ArgoRolloutsWorld['build']>[2], string]>([
    ['steps of its own', { strategy: { canary: { steps: [{ setWeight: 20 }] } } }, 'Target.kubernetes rollout: Rollout web has spec.strategy.canary.steps, so Argo Rollouts would decide, too. Remove it'],
    ['another strategy', { strategy: { blueGreen: { activeService: 'web' } } }, 'Target.kubernetes rollout: Rollout web has spec.strategy.blueGreen, and the strategy of the environment is Strategy.canary(). Write spec.strategy.canary'],
    ['a pause', { spec: { paused: true } }, 'Target.kubernetes rollout: Rollout web is paused (spec.paused), so it would not roll out. Remove spec.paused'],
  ])('with %s is refused before anything is changed', async (_, change, message) => {
    argo.build('v1.1.0', 'good', change);
    const ended = await argo.deploy('v1.1.0');
    expect([ended.code, ended.output]).toEqual([2, expect.stringContaining(message)]);
    expect(ended.output).toContain('Nothing was changed.');
    expect(changes()).toEqual([]);
  });

  it('is refused while someone else has another release on its way', async () => {
    argo.aws.setRolloutImage('shop:by-hand');
    const ended = await argo.ship('v1.1.0');
    expect([ended.code, ended.output]).toEqual([2, expect.stringContaining('rollout: someone else ')]);
    expect(changes()).toEqual([]);
  });
});

it('the first canary after a redeploy has its trial, too', async () => {
  argo = await ArgoRolloutsWorld.create('redeploy');
  await argo.begin('v1.0.0');
  argo.become('canary', true);
  const ended = await argo.ship('v1.1.0');
  expect([ended.code, changes()]).toEqual([0, ['apply', 'patch', 'patch', 'patch']]);
  expect(ended.output).toContain('web sends 5 % to v1.1.0');
  await argo.stands('v1.1.0');
});

describe.each(['canary', 'blueGreen'] as const)('a namespace with a Deployment (%s)', (strategy) => {
  const workloads = () => argo.aws.names.filter((name) => /^(?:Deployment|Rollout)/.test(name));
  beforeEach(async () => {
    argo = await ArgoRolloutsWorld.create('redeploy', strategy);
    argo.become('redeploy', false);
    argo.build('v1.0.0', 'good', { isDeployment: true });
    expect((await argo.deploy('v1.0.0')).code).toBe(0);
    argo.become(strategy, true);
  });

  it('gets its Deployment back if the first release with a Rollout is bad', async () => {
    const ended = await argo.ship('v1.1.0', 'bad');
    expect([ended.code, ended.output]).toEqual([1, expect.stringContaining('Rollout web is new')]);
    await argo.stands('v1.0.0');
    expect(workloads()).toEqual(['Deployment/web']);
  });

  it('keeps its Deployment if the first pods of the Rollout crash', async () => {
    argo.break('v1.1.0', 'CrashLoopBackOff', 4);
    const ended = await argo.ship('v1.1.0');
    expect([ended.code, ended.output]).toEqual([1, expect.stringContaining('CrashLoopBackOff, 4 restarts')]);
    expect(argo.world.responses).not.toContain('v1.1.0');
    await argo.stands('v1.0.0');
    expect(workloads()).toEqual(['Deployment/web']);
  });

  it('keeps its Deployment until the Rollout has all users, and goes back by hand', async () => {
    let there: readonly string[] = [];
    expect(await argo.ship('v1.1.0', 'good', (line) => {
      if (line.includes('deploy succeeded')) there = workloads();
    })).toMatchObject({ code: 0 });
    expect(there).toEqual(['Deployment/web', 'Rollout/web']);
    await argo.stands('v1.1.0');
    expect(workloads()).toEqual(['Rollout/web']);
    expect(await argo.deliver('rollback', 'production', '--release', 'v1.0.0', '--reason', 'a test')).toMatchObject({ code: 0 });
    await argo.stands('v1.0.0');
    expect(workloads()).toEqual(['Deployment/web']);
  });
});

describe('blue/green', () => {
  const ACTIVE = { blueGreen: { activeService: 'web', previewService: 'web-preview', autoPromotionEnabled: true } };
  beforeEach(async () => {
    argo = await ArgoRolloutsWorld.create('blueGreen');
    await argo.begin('v1.0.0');
  });

  it('is verified in its preview, and gets all users with one change', async () => {
    const ended = await argo.ship('v1.1.0');
    expect([ended.code, changes()]).toEqual([0, ['apply', 'patch']]);
    await argo.stands('v1.1.0');
  });

  it('that is bad in its preview never has users', async () => {
    const ended = await argo.ship('v1.1.0', 'error');
    expect([ended.code, changes()]).toEqual([1, ['apply', 'apply']]);
    expect(argo.world.responses).not.toContain('v1.1.0');
    await isBack('v1.0.0', ACTIVE);
  });

  it('that is bad for users goes back, and the spec is Stable\'s again', async () => {
    const ended = await argo.ship('v1.1.0', 'bad');
    expect([ended.code, changes()]).toEqual([1, ['apply', 'patch', 'apply']]);
    await isBack('v1.0.0', ACTIVE);
  });

  it('by hand, an earlier release is verified in its preview before it has users', async () => {
    expect((await argo.ship('v1.1.0')).code).toBe(0);
    const ended = await argo.deliver('rollback', 'production', '--release', 'v1.0.0', '--reason', 'a test');
    expect([ended.code, ended.output]).toEqual([0, expect.stringMatching(/rollback succeeded in .*; users are on Stable[^]*web sends all users to v1\.0\.0/)]);
    await argo.stands('v1.0.0');
  });

  it('that gets all users without its preview, because its pods still run, is taken back', async () => {
    argo.aws.state = { ...argo.aws.state, scalesDownLate: true };
    expect((await argo.ship('v1.1.0', 'bad')).code).toBe(1);
    argo.world.behaviours['v1.1.0'] = 'good';
    await argo.deliver('unblock', 'production', '--release', 'v1.1.0', '--reason', 'a test');
    const ended = await argo.deploy('v1.1.0');
    expect([ended.code, ended.output]).toEqual([1, expect.stringContaining('deploy failed: Rollout web: its release has all users already: its last pods still run')]);
    await isBack('v1.0.0', ACTIVE);
  });

  it('that someone promotes by hand is verified for users all the same', async () => {
    let isDone = false;
    const ended = await argo.ship('v1.1.0', 'good', (line) => {
      if (isDone || !line.includes('users are on Stable')) return;
      isDone = true;
      argo.aws.decideByHand('promote');
    });
    expect(ended.code).toBe(0);
    await argo.stands('v1.1.0');
  });
});

it('a redeploy waits for the Rollout, and goes back', async () => {
  argo = await ArgoRolloutsWorld.create('redeploy');
  await argo.begin('v1.0.0');
  expect((await argo.ship('v1.1.0')).code).toBe(0);
  await argo.stands('v1.1.0');
  expect((await argo.ship('v1.2.0', 'bad')).code).toBe(1);
  await isBack('v1.1.0');
});

it('a controller that misses a change is shown it again, on the way back, too', async () => {
  argo = await ArgoRolloutsWorld.create('redeploy');
  await argo.begin('v1.0.0');
  argo.aws.state = { ...argo.aws.state, missesChanges: true };
  const ended = await argo.ship('v1.1.0', 'bad');
  const shown = 'Rollout web: its controller may have missed the change; write the annotation projen-delivery/shown, so that it looks again';
  expect(ended.output.split(shown).length - 1).toBe(2);
  await isBack('v1.0.0');
});

it('makes only requests of Rollouts that the rule of the documentation allows, and each of its verbs is used', async () => {
  const [, yaml] = /```yaml\n(rules:[^]*?)```/.exec(readFileSync(join(__dirname, '../../../docs/targets/kubernetes-argo-rollouts.md'), 'utf8'))!;
  const { rules: [{ apiGroups, resources, verbs }] } = parse(yaml!) as { readonly rules: readonly [RuleOfStandIn] };
  argo = await ArgoRolloutsWorld.create('canary');
  const all = ['configmaps', 'services', 'pods', 'events', 'deployments', 'statefulsets', 'daemonsets'];
  const others = { apiGroups: ['', 'apps'], resources: all, verbs: ['get', 'list', 'create', 'update', 'patch', 'delete'] };
  argo.aws.state = { ...argo.aws.state, rules: [others, { apiGroups, resources, verbs }] };
  await argo.begin('v1.0.0');
  expect((await argo.ship('v1.1.0', 'bad')).code).toBe(1);
  // `delete` is for a Rollout that a release no longer has
  expect(argo.aws.requests.filter((request) => request.includes('rollouts'))).toEqual(['create', 'get', 'list', 'patch'].map((verb) => `${verb} rollouts.argoproj.io`));
  argo.aws.state = { ...argo.aws.state, rules: [others, { apiGroups, resources, verbs: verbs.filter((verb) => verb !== 'patch') }] };
  expect((await argo.ship('v1.2.0')).output).toContain('the credentials may not patch rollouts.argoproj.io in the namespace shop');
});
