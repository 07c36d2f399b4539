// The operations of ECS for one service, or for two behind a listener (elb.cjs), for `aws` beside this file. A deployment takes some looks at the
// service until its tasks run.
'use strict';
const { readFileSync } = require('node:fs');
const course = require('./ecs-course.cjs');
const { liveSlots } = require('./elb.cjs');
const { call } = require('../stand-in-server/call.cjs');

const ECS_OPTIONS = {
  'describe-services': { '--cluster': true, '--services': true },
  'describe-task-definition': { '--task-definition': true, '--include': true },
  'list-task-definitions': { '--family-prefix': true, '--status': true, '--sort': true, '--max-items': true },
  'register-task-definition': { '--cli-input-json': true },
  'update-service': { '--cluster': true, '--service': true, '--task-definition': true, '--desired-count': true, '--force-new-deployment': false },
};

/** What `register-task-definition` takes. */
const INPUT = [
  'family', 'taskRoleArn', 'executionRoleArn', 'networkMode', 'containerDefinitions', 'volumes', 'placementConstraints', 'requiresCompatibilities', 'cpu',
  'memory', 'tags', 'pidMode', 'ipcMode', 'proxyConfiguration', 'inferenceAccelerators', 'ephemeralStorage', 'runtimePlatform', 'enableFaultInjection',
];

/** @param tools how to read and write the state, and the class of errors that AWS reports */
function ecsOperations({ AwsError, read, write }) {
  const save = (state) => {
    if (!state.services) {
      write('only', state.served);
      write('ecs.json', JSON.stringify(state));
      write('live', 'only');
      return;
    }
    for (const { served, slot } of state.services) write(slot, served);
    write('ecs.json', JSON.stringify(state));
    write('live', liveSlots(state));
  };

  function theService(options) {
    const state = read('ecs.json');
    const isElsewhere = state.region && options['--region'] && options['--region'] !== state.region;
    if (isElsewhere || options['--cluster'] !== state.cluster) throw new AwsError('ClusterNotFoundException', 'Cluster not found.');
    return state;
  }

  /** The state with the fields of one service; undefined where there is no such service. */
  const withService = (state, name) => {
    const found = state.services ? state.services.find(({ service }) => service === name) : state;
    return found?.service === name ? { ...state, ...found } : undefined;
  };

  const saveService = (state, { deployments, desiredCount, events, served, service }) => {
    const changed = { deployments, desiredCount, events, served };
    save(state.services ? { ...state, services: state.services.map((one) => (one.service === service ? { ...one, ...changed } : one)) } : { ...state, ...changed });
  };

  function theDefinition(state, name) {
    const found = state.definitions.find(({ taskDefinitionArn: arn }) => arn === name || arn.endsWith(`/${name}`));
    if (!found) throw new AwsError('ClientException', 'Unable to describe task definition.');
    return found;
  }

  const imageOf = (state, arn) => theDefinition(state, arn).containerDefinitions[0].image;
  const versionOf = (state, arn) => theDefinition(state, arn).containerDefinitions[0].environment?.find(({ name }) => name === 'DELIVERY_VERSION')?.value ?? 'v0';

  /** Time passes with each look. */
  function pass(state) {
    const [primary] = state.deployments;
    const isScaling = primary.runningCount < (primary.desiredCount ?? 1);
    if (primary.rolloutState !== 'IN_PROGRESS' && !isScaling) return state;
    if (primary.polls > 0) return { ...state, deployments: [{ ...primary, polls: primary.polls - 1 }, ...state.deployments.slice(1)] };
    if (primary.rolloutState !== 'IN_PROGRESS') return { ...state, deployments: [{ ...primary, runningCount: primary.desiredCount ?? 1 }] };
    if (!state.broken.includes(imageOf(state, primary.taskDefinition))) {
      if (course.isNative(state)) return course.pass(state, primary, { image: (arn) => imageOf(state, arn), version: (arn) => versionOf(state, arn) });
      const done = { ...primary, rolloutState: 'COMPLETED', rolloutStateReason: 'ECS deployment completed.', runningCount: primary.desiredCount };
      return { ...state, deployments: [done], served: versionOf(state, primary.taskDefinition) };
    }
    return failed(state, { ...primary, failedTasks: primary.failedTasks + 1 });
  }

  function failed(state, primary) {
    const events = [event('(service web) (task 0123456789abcdef0123456789abcdef) failed container health checks.'), ...state.events];
    const [, before] = state.deployments;
    if (primary.failedTasks < 3 || !state.breaker.enable) return { ...state, events, deployments: [primary, before] };
    const ours = { ...primary, rolloutState: 'FAILED', rolloutStateReason: 'ECS deployment circuit breaker: tasks failed to start.' };
    if (!state.breaker.rollback) return { ...state, events, deployments: [ours, before] };
    const back = { ...before, status: 'PRIMARY', rolloutState: 'IN_PROGRESS', rolloutStateReason: 'ECS deployment circuit breaker: rolling back.', polls: 1, isBack: true };
    return { ...state, events, deployments: [back, { ...ours, status: 'ACTIVE' }] };
  }

  const event = (message) => ({ createdAt: new Date().toISOString(), message });

  return {
    'describe-services': (options) => {
      const all = theService(options);
      const found = withService(all, options['--services']);
      if (!found) return { services: [], failures: [{ reason: 'MISSING' }] };
      const state = pass(found);
      saveService(all, state);
      const deployments = state.deployments.map((one) => course.shown(state, one));
      return {
        services: [{
          status: 'ACTIVE', taskDefinition: deployments[0].taskDefinition, deploymentController: { type: state.controller }, events: state.events, deployments,
          deploymentConfiguration: { strategy: state.strategy ?? 'ROLLING', deploymentCircuitBreaker: state.breaker },
          desiredCount: state.desiredCount, loadBalancers: (state.targetGroups ?? []).map((targetGroupArn) => ({ targetGroupArn })),
        }],
        failures: [],
      };
    },
    'describe-task-definition': (options) => {
      const { tags, ...taskDefinition } = theDefinition(read('ecs.json'), options['--task-definition']);
      return { taskDefinition, tags: tags ?? [] };
    },
    'list-task-definitions': (options) => {
      const { definitions } = read('ecs.json');
      const all = definitions.filter(({ family, status }) => family === options['--family-prefix'] && status === options['--status']);
      return { taskDefinitionArns: all.map(({ taskDefinitionArn: arn }) => arn).reverse().slice(0, Number(options['--max-items'])) };
    },
    'register-task-definition': (options) => {
      const state = read('ecs.json');
      const input = JSON.parse(readFileSync(call().path(options['--cli-input-json'].replace(/^file:\/\//, '')), 'utf8'));
      const unknown = Object.keys(input).find((name) => !INPUT.includes(name));
      if (unknown) throw new AwsError('ParamValidation', `Unknown parameter in input: "${unknown}"`);
      const revision = state.definitions.length + 1;
      const taskDefinition = { ...input, revision, status: 'ACTIVE', taskDefinitionArn: `arn:aws:ecs:us-east-1:000000000000:task-definition/${input.family}:${revision}` };
      save({ ...state, definitions: [...state.definitions, taskDefinition] });
      return { taskDefinition };
    },
    'update-service': (options) => {
      const all = theService(options);
      const state = withService(all, options['--service']);
      if (!state) throw new AwsError('ServiceNotFoundException', 'Service not found.');
      const wanted = theDefinition(state, options['--task-definition']);
      if (wanted.status !== 'ACTIVE') throw new AwsError('ClientException', 'TaskDefinition is inactive');
      const desiredCount = Number(options['--desired-count'] ?? state.desiredCount ?? 1);
      saveService(all, deployed({ ...state, desiredCount }, wanted.taskDefinitionArn, '--force-new-deployment' in options));
      return { service: { taskDefinition: wanted.taskDefinitionArn } };
    },
  };
}

/** Someone else deploys the first revision, to the named service where there are two. */
function deployedByHand(state, name) {
  const [{ taskDefinitionArn: arn }] = state.definitions;
  if (!state.services) return deployed(state, arn);
  return { ...state, services: state.services.map((one) => (one.service === name ? deployed(one, arn) : one)) };
}

/** The service with another deployment: nothing happens if it runs that already. */
function deployed(state, arn, isForced = false) {
  const [primary] = state.deployments;
  const { desiredCount = 1 } = state;
  if (primary.taskDefinition === arn && !isForced) {
    // ECS scales within the deployment, which stays complete
    return { ...state, deployments: [{ ...primary, desiredCount, polls: 1, runningCount: Math.min(primary.runningCount, desiredCount) }, ...state.deployments.slice(1)] };
  }
  const next = {
    status: 'PRIMARY', taskDefinition: arn, rolloutState: 'IN_PROGRESS', rolloutStateReason: '', desiredCount, runningCount: 0, pendingCount: 1,
    failedTasks: 0, polls: 0, createdAt: new Date().toISOString(),
  };
  // what never ran goes at once
  const running = state.deployments.find(({ runningCount }) => runningCount > 0) ?? primary;
  return { ...state, deployments: [next, { ...running, status: 'ACTIVE' }] };
}

module.exports = { deployedByHand, ECS_OPTIONS, ecsOperations };
