// The operations of one listener of a load balancer, or of one of its rules, in front of the services of ecs.cjs, for `aws` beside this file.
'use strict';

const ELB_OPTIONS = {
  'describe-listeners': { '--listener-arns': true },
  'describe-rules': { '--rule-arns': true },
  'describe-target-health': { '--target-group-arn': true },
  'modify-listener': { '--listener-arn': true, '--default-actions': true },
  'modify-rule': { '--rule-arn': true, '--actions': true },
};

const forwardOf = (actions) => actions.find(({ Type }) => Type === 'forward');

/** The target groups of the forward action. */
function groupsOf({ listener }) {
  const { ForwardConfig, TargetGroupArn } = forwardOf(listener.actions) ?? {};
  return ForwardConfig?.TargetGroups ?? (TargetGroupArn ? [{ TargetGroupArn, Weight: 1 }] : []);
}

/** The slots with users, joined by a plus sign: the one with the most first. */
function liveSlots(state) {
  const weightOf = ({ targetGroups: [group] }) => groupsOf(state).find(({ TargetGroupArn }) => TargetGroupArn === group)?.Weight ?? 0;
  const [most, ...others] = [...state.services].sort((one, other) => weightOf(other) - weightOf(one));
  return [most, ...others.filter((one) => weightOf(one) > 0)].map(({ slot }) => slot).join('+');
}

/** Someone else sends half of the users to each slot. */
function splitByHand(state) {
  const weights = state.services.map(({ targetGroups: [TargetGroupArn] }) => ({ TargetGroupArn, Weight: 50 }));
  return withActions(state, state.listener.actions.map((action) => (action.Type === 'forward' ? { ...action, TargetGroupArn: undefined, ForwardConfig: { ...action.ForwardConfig, TargetGroups: weights } } : action)));
}

const withActions = (state, actions) => ({ ...state, listener: { ...state.listener, actions } });

/** @param tools how to read and write the state, and the class of errors that AWS reports */
function elbOperations({ AwsError, read, write }) {
  function save(state) {
    write('ecs.json', JSON.stringify(state));
    write('live', liveSlots(state));
  }

  function theListener(arn) {
    const state = read('ecs.json');
    if (arn === state.listener.arn) return state;
    const kind = arn.includes(':listener-rule/') ? 'Rule' : 'Listener';
    throw new AwsError(`${kind}NotFound`, `One or more ${kind.toLowerCase()}s not found`);
  }

  /** As AWS checks and stores them: it never shows the secret of a sign-in. */
  function checked(state, json) {
    const known = state.services.flatMap(({ targetGroups }) => targetGroups).concat(state.otherGroups ?? []);
    return JSON.parse(json).map(({ AuthenticateOidcConfig: sign, ...action }) => {
      const groups = action.ForwardConfig?.TargetGroups ?? [];
      if (action.TargetGroupArn && groups.length > 1) throw new AwsError('ValidationError', 'You cannot specify both TargetGroupArn and several target groups in ForwardConfig');
      if (groups.some(({ Weight }) => !Number.isInteger(Weight) || Weight < 0 || Weight > 999)) throw new AwsError('ValidationError', 'Weight must be between 0 and 999');
      if (groups.some(({ TargetGroupArn }) => !known.includes(TargetGroupArn))) throw new AwsError('TargetGroupNotFound', 'One or more target groups not found');
      if (!sign) return action;
      if (!sign.UseExistingClientSecret) throw new AwsError('InvalidLoadBalancerAction', 'A client secret is required');
      const { UseExistingClientSecret, ...shown } = sign;
      return { ...action, AuthenticateOidcConfig: shown };
    });
  }

  function modify(arn, json) {
    const state = theListener(arn);
    save(withActions(state, checked(state, json)));
  }

  return {
    'describe-listeners': (options) => {
      const { listener: { actions, arn } } = theListener(options['--listener-arns']);
      return { Listeners: [{ ListenerArn: arn, Protocol: 'HTTPS', DefaultActions: actions }] };
    },
    'describe-rules': (options) => {
      const { listener: { actions, arn, isDefault } } = theListener(options['--rule-arns']);
      return { Rules: [{ RuleArn: arn, Priority: '10', Conditions: [{ Field: 'path-pattern' }], Actions: actions, IsDefault: isDefault ?? false }] };
    },
    'describe-target-health': (options) => {
      const state = read('ecs.json');
      const group = options['--target-group-arn'];
      const found = state.services.find(({ targetGroups }) => targetGroups.includes(group));
      if (!found) throw new AwsError('TargetGroupNotFound', 'One or more target groups not found');
      const isUsed = groupsOf(state).some(({ TargetGroupArn }) => TargetGroupArn === group);
      const isInitial = state.initialLooks > 0;
      if (isInitial) save({ ...state, initialLooks: state.initialLooks - 1 });
      const health = !isUsed ? { State: 'unused', Reason: 'Target.NotInUse' }
        : state.unhealthy?.includes(found.slot) ? { State: 'unhealthy', Reason: 'Target.FailedHealthChecks', Description: 'Health checks failed' }
          : isInitial ? { State: 'initial', Reason: 'Elb.InitialHealthChecking' } : { State: 'healthy' };
      const running = found.deployments.reduce((sum, { runningCount }) => sum + runningCount, 0);
      return { TargetHealthDescriptions: Array.from({ length: running }, () => ({ TargetHealth: health })) };
    },
    'modify-listener': (options) => {
      modify(options['--listener-arn'], options['--default-actions']);
      return { Listeners: [{ ListenerArn: options['--listener-arn'] }] };
    },
    'modify-rule': (options) => {
      modify(options['--rule-arn'], options['--actions']);
      return { Rules: [{ RuleArn: options['--rule-arn'] }] };
    },
  };
}

module.exports = { ELB_OPTIONS, elbOperations, liveSlots, splitByHand };
