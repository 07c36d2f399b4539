/**
 * The demo's delivery: the same shop with one environment and SHORT intervals, so that four releases fit into a minute.
 * In life keep the defaults of .projenrc.ts: what is watched for two seconds was not watched.
 */
import { Delivery, Duration, HealthCheck, ReleaseIdentity, Strategy, Target, Trigger } from 'projen-delivery';
import { machineOf } from './projenrc/machine';
import { ShopProject } from './projenrc/shop-project';

const project = new ShopProject();
const production = machineOf('production');

new Delivery(project, {
  runsOn: ['self-hosted'],
  target: Target.tasks({ deploy: 'ship', promote: 'switch-traffic' }),
  artifact: { buildTask: 'bundle', paths: ['dist'] },
  environments: [
    {
      name: 'production',
      trigger: Trigger.tag('v*'),
      url: production.url,
      variables: production.variables,
      healthChecks: [
        HealthCheck.http(`${production.url}/health`, {
          interval: Duration.seconds(1),
          timeout: Duration.seconds(1),
          successThreshold: 2,
          failureThreshold: 2,
          deadline: Duration.seconds(10),
          release: ReleaseIdentity.json('version', { propagation: Duration.seconds(1) }),
        }),
      ],
      strategy: Strategy.blueGreen({ candidateUrl: production.candidateUrl, bake: Duration.seconds(2) }),
    },
  ],
});

project.synth();
