/** What the driver of ECS decides from a service as AWS describes it. */
import { readService, rolloutStep, RolloutSituation, runningDefinitions, withReasons } from '../../../src/engines/ecs/runtime/ecs-steps';
import { containerOf, holds, nameOf, readTaskDefinition, releaseIn, revisionFor } from '../../../src/engines/ecs/runtime/task-definition';

const arn = (revision: number) => `arn:aws:ecs:us-east-1:111122223333:task-definition/shop:${revision}`;
const deployment = (status: string, revision: number, rest: object = {}) => ({
  status, taskDefinition: arn(revision), rolloutState: 'COMPLETED', desiredCount: 2, runningCount: 2, pendingCount: 0, failedTasks: 0, createdAt: 1_700_000_000, ...rest,
});

function service(deployments: readonly object[], rest: object = {}) {
  return readService({
    status: 'ACTIVE',
    taskDefinition: arn(2),
    deploymentController: { type: 'ECS' },
    deployments,
    events: [],
    deploymentConfiguration: { strategy: 'ROLLING', deploymentCircuitBreaker: { enable: true, rollback: true } },
    ...rest,
  })!;
}

function step(deployments: readonly object[], rest: Partial<RolloutSituation> = {}, ofService: object = {}) {
  return rolloutStep({ service: service(deployments, ofService), wanted: arn(3), from: arn(2), isBegun: false, isRestore: false, ...rest });
}

const WITHOUT_BREAKER = { deploymentConfiguration: {} };

describe('the next step of a rollout', () => {
  it('updates a service that runs something else, and is done when the rollout is complete', () => {
    expect(step([deployment('PRIMARY', 2)])).toEqual({ step: 'update', isForced: false });
    expect(step([deployment('PRIMARY', 3, { rolloutState: 'IN_PROGRESS', runningCount: 1 }), deployment('ACTIVE', 2)], { isBegun: true })).toEqual({ step: 'wait', why: 'shop:3: 1 of 2 tasks run' });
    expect(step([deployment('PRIMARY', 3)], { isBegun: true })).toEqual({ step: 'done' });
  });

  it('waits for a deployment of someone else, which a rollback does not', () => {
    const theirs = [deployment('PRIMARY', 2, { rolloutState: 'IN_PROGRESS' }), deployment('ACTIVE', 1)];
    expect(step(theirs)).toMatchObject({ step: 'wait', why: expect.stringContaining('someone else began') });
    expect(step(theirs, { isRestore: true })).toEqual({ step: 'update', isForced: false });
  });

  it('gives way to someone who deploys meanwhile, which a rollback does not', () => {
    expect(step([deployment('PRIMARY', 4)])).toMatchObject({ step: 'fail', why: expect.stringContaining('someone else deployed shop:4') });
    expect(step([deployment('PRIMARY', 4)], { isBegun: true })).toMatchObject({ step: 'fail' });
    expect(step([deployment('PRIMARY', 4)], { isBegun: true, isRestore: true })).toEqual({ step: 'update', isForced: false });
  });

  it('fails when ECS says so, or takes it back', () => {
    const failed = { rolloutState: 'FAILED', rolloutStateReason: 'ECS deployment circuit breaker: tasks failed to start.' };
    expect(step([deployment('PRIMARY', 3, failed), deployment('ACTIVE', 2)], { isBegun: true })).toMatchObject({ step: 'fail', why: expect.stringContaining('tasks failed to start') });
    expect(step([deployment('PRIMARY', 2), deployment('ACTIVE', 3, failed)], { isBegun: true })).toMatchObject({ step: 'fail', why: expect.stringContaining('ECS took shop:3 back and runs shop:2') });
    const gone = [deployment('PRIMARY', 2, { rolloutStateReason: 'ECS deployment circuit breaker: rolling back to deploymentId ecs-svc/1.' })];
    expect(step(gone, { isBegun: true })).toMatchObject({ step: 'fail', why: expect.stringContaining('ECS took shop:3 back') });
  });

  it('waits for the end of the bake where ECS itself moves users, also if ECS reports no state of the rollout or calls it complete', () => {
    const native = { deploymentConfiguration: { strategy: 'CANARY', deploymentCircuitBreaker: { enable: true, rollback: true } } };
    for (const rolloutState of ['IN_PROGRESS', 'COMPLETED', undefined]) {
      const ours = deployment('PRIMARY', 3, { rolloutState });
      expect(step([ours, deployment('ACTIVE', 2, { rolloutState })], { isBegun: true }, native)).toMatchObject({ step: 'wait' });
      expect(step([ours, deployment('ACTIVE', 2, { rolloutState, runningCount: 0 })], { isBegun: true })).toMatchObject({ step: rolloutState === 'COMPLETED' ? 'done' : 'wait' });
    }
    // someone else's
    const theirs = [deployment('PRIMARY', 2, { rolloutState: undefined }), deployment('ACTIVE', 1)];
    expect(step(theirs, {}, native)).toMatchObject({ step: 'wait', why: expect.stringContaining('someone else began') });
    // what ran before is back, and no state says why
    const back = [deployment('PRIMARY', 2, { rolloutState: undefined })];
    expect(step(back, { isBegun: true }, native)).toMatchObject({ step: 'fail', why: expect.stringContaining('ECS took shop:3 back and runs shop:2') });
    expect(step(back, { isBegun: true })).toMatchObject({ step: 'fail', why: expect.stringContaining('someone else deployed shop:2') });
    expect(step(back, { isBegun: true, isRestore: true }, native)).toEqual({ step: 'update', isForced: false });
  });

  it('scales up what is too small, and waits until as many tasks run', () => {
    const of = (desiredCount: number) => ({ desiredCount });
    expect(step([deployment('PRIMARY', 2)], { leastTasks: 3 }, of(0))).toEqual({ step: 'update', isForced: false, tasks: 3 });
    expect(step([deployment('PRIMARY', 2)], { leastTasks: 3 }, of(3))).toEqual({ step: 'update', isForced: false });
    // ECS calls it complete while it scales
    expect(step([deployment('PRIMARY', 3, { desiredCount: 0, runningCount: 0 })], { leastTasks: 2 }, of(0))).toEqual({ step: 'update', isForced: false, tasks: 2 });
    expect(step([deployment('PRIMARY', 3, { runningCount: 1 })], { leastTasks: 2, isBegun: true }, of(2))).toEqual({ step: 'wait', why: '1 of 2 tasks run' });
    // autoscaling may take some back
    expect(step([deployment('PRIMARY', 3, { runningCount: 1 })], { leastTasks: 2, isBegun: true }, of(1))).toEqual({ step: 'done' });
  });

  it('starts what failed again, if it is to be restored', () => {
    const failed = [deployment('PRIMARY', 3, { rolloutState: 'FAILED', runningCount: 0 })];
    expect(step(failed, { isRestore: true })).toEqual({ step: 'update', isForced: true });
    expect(step(failed, { isRestore: true, isBegun: true })).toMatchObject({ step: 'fail' });
  });

  it('does not wait for ever without a circuit breaker', () => {
    const restarting = deployment('PRIMARY', 3, { rolloutState: 'IN_PROGRESS', runningCount: 0, failedTasks: 3 });
    expect(step([restarting, deployment('ACTIVE', 2)], { isBegun: true }, WITHOUT_BREAKER)).toMatchObject({ step: 'fail', why: expect.stringContaining('3 tasks of shop:3 failed in a row') });
    expect(step([restarting, deployment('ACTIVE', 2)], { isBegun: true })).toMatchObject({ step: 'wait' });
  });

  it('takes a service without a state of its rollout for steady when nothing else runs', () => {
    const stateless = deployment('PRIMARY', 3, { rolloutState: undefined });
    expect(step([stateless], { isBegun: true })).toEqual({ step: 'done' });
    expect(step([stateless, deployment('ACTIVE', 2)], { isBegun: true })).toMatchObject({ step: 'wait' });
  });
});

it('reasons are the latest events that name one, without the ids of tasks', () => {
  const events = [
    { createdAt: '2026-01-01T00:00:03Z', message: '(service web) (task 0123456789abcdef0123456789abcdef) failed container health checks.' },
    { createdAt: '2026-01-01T00:00:02Z', message: '(service web) (task fedcba9876543210fedcba9876543210) failed container health checks.' },
    { createdAt: '2026-01-01T00:00:01Z', message: '(service web) has started 1 tasks.' },
    { createdAt: '2025-01-01T00:00:00Z', message: '(service web) was unable to place a task.' },
  ];
  expect(withReasons('it failed', service([], { events }), Date.parse('2026-01-01T00:00:00Z'), 'the breaker')).toBe('it failed: the breaker; task failed container health checks.');
});

it('several task definitions run while a rollout is in progress', () => {
  expect(runningDefinitions(service([deployment('PRIMARY', 3, { runningCount: 1 }), deployment('ACTIVE', 2)]))).toEqual([arn(3), arn(2)]);
  expect(runningDefinitions(service([deployment('PRIMARY', 3, { runningCount: 0 }), deployment('ACTIVE', 2)]))).toEqual([arn(2)]);
  expect(runningDefinitions(service([deployment('PRIMARY', 2, { runningCount: 0 })]))).toEqual([arn(2)]);
});

describe('a revision', () => {
  const release = { version: 'v2', sha: 'b'.repeat(40), artifact: { digest: 'a'.repeat(64), image: 'ghcr.io/acme/shop' } };
  const definition = readTaskDefinition({
    taskDefinitionArn: arn(2),
    family: 'shop',
    revision: 2,
    status: 'ACTIVE',
    registeredAt: 1,
    registeredBy: 'x',
    compatibilities: ['FARGATE'],
    requiresAttributes: [],
    cpu: '256',
    pidMode: '',
    runtimePlatform: null,
    enableFaultInjection: false,
    containerDefinitions: [
      { name: 'web', image: 'nginx', secrets: [{ name: 'TOKEN', valueFrom: 'arn' }], environment: [{ name: 'PORT', value: '8080' }, { name: 'DELIVERY_SHA', value: 'old' }] },
      { name: 'proxy', image: 'envoy' },
    ],
  }, [{ key: 'team', value: 'web' }])!;
  const web = containerOf(definition, 'web')!;

  it('keeps all that AWS takes, and changes one container', () => {
    const made = revisionFor(definition, web, release);
    expect(made).toEqual({
      family: 'shop',
      cpu: '256',
      enableFaultInjection: false,
      tags: [{ key: 'team', value: 'web' }],
      containerDefinitions: [
        {
          name: 'web',
          image: `ghcr.io/acme/shop@sha256:${'a'.repeat(64)}`,
          secrets: [{ name: 'TOKEN', valueFrom: 'arn' }],
          environment: [{ name: 'PORT', value: '8080' }, { name: 'DELIVERY_VERSION', value: 'v2' }, { name: 'DELIVERY_SHA', value: release.sha }],
        },
        { name: 'proxy', image: 'envoy' },
      ],
    });
    const read = readTaskDefinition({ ...made, taskDefinitionArn: arn(3), status: 'ACTIVE' }, [])!;
    expect([holds(read, 'web', release), releaseIn(containerOf(read, 'web')!)]).toEqual([true, { version: 'v2', sha: release.sha, digest: 'a'.repeat(64) }]);
  });

  it('holds no other release', () => {
    const read = readTaskDefinition({ ...revisionFor(definition, web, release), taskDefinitionArn: arn(3), status: 'ACTIVE' }, [])!;
    for (const other of [{ ...release, sha: 'c'.repeat(40) }, { ...release, version: 'v3' }, { ...release, artifact: { ...release.artifact, digest: 'd'.repeat(64) } }]) {
      expect(holds(read, 'web', other)).toBe(false);
    }
    expect([holds(read, 'web', { ...release, engineId: 'shop:3' }), holds(read, 'web', { ...release, engineId: 'shop:2' })]).toEqual([true, false]);
  });

  it('needs to know which container', () => {
    expect([containerOf(definition, undefined), containerOf(definition, 'db')]).toEqual([undefined, undefined]);
    expect(nameOf(arn(12))).toBe('shop:12');
  });
});
