/** A target that cannot take a release back: what synthesis writes, and which options it rejects. */
import { Duration, Strategy, Target, TargetBinding, TargetCapability, TargetCommand, Trigger } from '../../src';
import { deliver, environment, plainProject, synthesize } from '../test-project';

const REMEDY = 'Yank the version, and release a higher one';
const { argv } = TargetCommand;

class Registry extends Target {
  constructor(private readonly binding: Partial<TargetBinding> = {}) {
    super();
  }

  public bind(): TargetBinding {
    return { commands: { deploy: argv(['./verify']) }, noRollback: `${REMEDY}.`, ...this.binding };
  }
}

const delivery = (binding: Partial<TargetBinding> = {}, options: Partial<Parameters<typeof deliver>[1]> = {}) => () => {
  const project = plainProject();
  deliver(project, { environments: [environment('registry', { target: new Registry(binding) })], ...options });
  return synthesize(project);
};

it('the manifest says what a person does instead', () => {
  expect(delivery()().manifest.environments[0].target).toEqual({ deploy: { kind: 'exec', argv: ['./verify'] }, noRollback: REMEDY });
});

it.each<[string, () => unknown]>([
  ['noRollback: \'\' does not say in one line what a person does about a bad release', delivery({ noRollback: '' })],
  ['does not say in one line', delivery({ noRollback: 'one\ntwo' })],
  ['noRollback: the target has a rollback command, so a release can be taken back', delivery({ commands: { deploy: argv(['./verify']), rollback: argv(['./back']) } })],
  ['noRollback: the target has TargetCapability.SLOTS, which moves users back', delivery({ commands: { deploy: argv(['./verify']), promote: argv(['./switch']) }, capabilities: [TargetCapability.SLOTS] })],
  ['environment \'registry\' strategy: Strategy.blueGreen() moves users back to the old release, and the target cannot take a release back. Use Strategy.redeploy()',
    delivery({}, { environments: [environment('registry', { target: new Registry(), strategy: Strategy.blueGreen() })] })],
  ['Delivery drill environments: the target of \'registry\' cannot take a release back, so there is no rollback to test', delivery({}, { drill: { environments: ['registry'] } })],
  ['Delivery monitoring rollback: no target of \'registry\' can take a release back', delivery({}, { monitoring: { rollback: { within: Duration.hours(1) } } })],
])('rejects %s', (message, act) => {
  expect(act).toThrow(message);
});

it('the watch may roll back another environment', () => {
  const environments = [environment('registry', { target: new Registry() }), environment('site', { trigger: Trigger.after('registry') })];
  expect(delivery({}, { monitoring: { rollback: { within: Duration.hours(1) } }, environments })).not.toThrow();
});
