import { Delivery, Duration, HealthCheck, ReleaseIdentity, Strategy, Target, Trigger } from 'projen-delivery';
import { machineOf } from './projenrc/machine';
import { ShopProject, ShopProjectOptions } from './projenrc/shop-project';

/** The shop with its delivery. Its tests synthesize it to a folder of their own. */
export function shop(options: ShopProjectOptions = {}): ShopProject {
  const project = new ShopProject(options);

  // Its router switches before `switch-traffic` ends, so a response of the old release afterwards is a fault. Most platforms take longer: the default is 60 s.
  const release = ReleaseIdentity.json('version', { propagation: Duration.seconds(1) });

  const staging = machineOf('staging');
  const production = machineOf('production');

  new Delivery(project, {
    // Everything is on loopback: the jobs run on the machine that serves.
    runsOn: ['self-hosted'],
    target: Target.tasks({ deploy: 'ship', promote: 'switch-traffic' }),
    artifact: { buildTask: 'bundle', paths: ['dist'] },
    environments: [
      {
        name: 'staging',
        trigger: Trigger.branch('main'),
        url: staging.url,
        variables: staging.variables,
        healthChecks: [HealthCheck.http(`${staging.url}/health`, { release })],
        strategy: Strategy.blueGreen({ candidateUrl: staging.candidateUrl }),
      },
      {
        name: 'production',
        trigger: Trigger.tag('v*', { requires: 'staging' }),
        url: production.url,
        variables: production.variables,
        healthChecks: [
          HealthCheck.http(`${production.url}/health`, { release }),
          HealthCheck.http(`${production.url}/products`, { bodyPattern: '"a blue cup"' }),
        ],
        strategy: Strategy.blueGreen({ candidateUrl: production.candidateUrl }),
      },
    ],
  });

  return project;
}

// `npx projen` runs this file, a test imports it
if (require.main === module) shop().synth();
