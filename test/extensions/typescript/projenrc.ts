/** A shop that is delivered with a target of another package. It runs in the folder of a shop, with the machines of that shop. */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type * as extension from './machine-target';
import type * as machines from '../../../examples/shop/projenrc/machine';
import type * as projects from '../../../examples/shop/projenrc/shop-project';
import type * as library from '../../../src';

const inShop = createRequire(join(process.cwd(), '.projenrc.ts'));
const { machineOf } = inShop('./projenrc/machine') as typeof machines;
const { ShopProject } = inShop('./projenrc/shop-project') as typeof projects;
const { Delivery, HealthCheck, ReleaseIdentity, Strategy, Trigger } = inShop('projen-delivery') as typeof library;
const { MachineTarget } = inShop('machine-target') as typeof extension;

const { candidateUrl, url, variables } = machineOf('staging');
const project = new ShopProject();
new Delivery(project, {
  runsOn: ['self-hosted'],
  target: new MachineTarget({ staging: { address: new URL(url).host, variables } }),
  environments: [{
    name: 'staging',
    trigger: Trigger.branch('main'),
    url,
    healthChecks: [HealthCheck.http(`${url}/health`, { release: ReleaseIdentity.json('version') })],
    strategy: Strategy.blueGreen({ candidateUrl }),
  }],
});

project.synth();
