import { Strategy, Target, Trigger } from '../../../src';
import { deliver, environment, plainProject, synthesize } from '../../test-project';

type Options = Parameters<typeof Target.kubernetes>[0];

function synthesized(slots: unknown, strategy?: Strategy) {
  const project = plainProject();
  const target = Target.kubernetes({ namespace: 'shop', manifests: 'dist', kubeconfigSecret: 'KUBECONFIG_DATA', slots } as Options);
  deliver(project, { environments: [environment('production', { trigger: Trigger.tag('v*'), target, strategy })] });
  return synthesize(project);
}
const blueGreen = Strategy.blueGreen({ candidateUrl: 'https://{slot}.example.com' });

it('Target.kubernetes with slots calls a driver of its own for blue/green', () => {
  const [{ strategy, target }] = synthesized({ service: 'shop' }, blueGreen).manifest.environments;
  expect(target).toEqual({
    deploy: { kind: 'driver', call: 'deploy' },
    promote: { kind: 'driver', call: 'promote' },
    rollback: { kind: 'driver', call: 'rollback' },
    driver: {
      kind: 'kubernetesSlots', service: 'shop', manifests: 'dist', namespace: 'shop', name: 'plain-production', kubeconfigVariable: 'KUBECONFIG_DATA', prunes: true, prunesVolumes: false,
    },
  });
  expect(strategy.kind).toBe('blueGreen');
  expect(strategy.commandTimeoutMs).toBe(900_000);
});

it('without slots, blue/green fails at synthesis and the message names them', () => {
  expect(() => synthesized(undefined, blueGreen)).toThrow('Set slots: Target.kubernetes({ ..., slots: { service: \'shop\' } }), or use Strategy.redeploy()');
});

it.each<[string, unknown, string]>([
  ['no Service', {}, 'Target.kubernetes slots service: it is missing. Write slots: { service: \'shop\' }'],
  ['a name in upper case', { service: 'Shop' }, 'Target.kubernetes slots service: \'Shop\' is not the name of a Service (lower-case letters, digits and -, a letter first, at most 57 characters)'],
  ['a name that -green makes too long', { service: 'a'.repeat(58) }, 'is not the name of a Service'],
  ['an option of a flag', { service: '--all' }, 'Target.kubernetes slots service: \'--all\' is not the name of a Service'],
  ['an unknown option', { service: 'shop', candidateService: 'x' }, 'Target.kubernetes slots candidateService: there is no such option'],
  ['a text', 'shop', 'Target.kubernetes slots'],
])('%s fails at synthesis', (_, slots, message) => {
  expect(() => synthesized(slots, blueGreen)).toThrow(message);
});
