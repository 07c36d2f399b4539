/**
 * The demo's last release: the same shop, whose releases now get their traffic in steps. An analysis compares them with Stable.
 * SHORT times again: the counters are read every second (default: 5 s), and one step is enough here. In life, begin with less traffic and more time.
 */
import { Analysis, CanaryStep, Delivery, Duration, HealthCheck, Metric, ReleaseIdentity, Strategy, Target, Trigger } from 'projen-delivery';
import { machineOf } from './projenrc/machine';
import { ShopProject } from './projenrc/shop-project';

const project = new ShopProject();
const production = machineOf('production');

new Delivery(project, {
  runsOn: ['self-hosted'],
  target: Target.tasks({ deploy: 'ship', setWeight: 'set-weight' }),
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
      strategy: Strategy.canary({
        steps: [CanaryStep.weight(20, { atLeast: Duration.seconds(5) })],
        analysis: [
          Analysis.errors(Metric.command('node tasks/print-counters.js', { interval: Duration.seconds(1) }), {
            expectedRequestsPerSecond: 200,
            // the router draws the slot for each request
            splitsByRequest: true,
          }),
        ],
        maxDuration: Duration.minutes(1),
        candidateUrl: production.candidateUrl,
        bake: Duration.seconds(2),
      }),
    },
  ],
});

project.synth();
