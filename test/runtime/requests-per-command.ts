import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { World } from './world';
import { jobName, jobNameIfNeeded } from '../../src/contract/jobs';
import { DeploymentWorkflowManifest } from '../../src/contract/manifest';
import { seedAlerts, seedHistory } from '../../tools/github-api-stand-in/seeded-history';
import { GithubStandIn } from '../../tools/github-api-stand-in/stand-in';

/** The jobs that may wait for an approval, as synthesis names them. */
const DEPLOYMENT_WORKFLOWS: readonly DeploymentWorkflowManifest[] = [
  {
    file: 'deploy.yml',
    deployments: { [jobName('deploy', 'production')]: 'production' },
    rollbacks: { [jobNameIfNeeded('rollback', 'production')]: 'production' },
  },
  {
    file: 'rollback.yml',
    deployments: {},
    rollbacks: { [jobName('rollback', 'production')]: 'production', [jobNameIfNeeded('recover', 'production')]: 'production' },
  },
];

export interface RequestsPerCommand {
  readonly plan: number;
  readonly deploy: number;
  readonly confirm: number;
  readonly watch: number;
  /** What each further environment adds to a run of the watch. */
  readonly watchEach: number;
}

/** The commands whose requests are counted, and how many they may take whatever the ledger holds. */
export const REQUEST_TARGETS: Omit<RequestsPerCommand, 'watchEach'> = { plan: 4, deploy: 25, confirm: 12, watch: 8 };
/** `few more for each further one`. */
export const REQUEST_TARGET_EACH = 4;

/** Runs one deployment through the bundled runtime over so many records, and counts the requests of each command to GitHub. */
export async function requestsPerCommand(records: number, strategy: 'redeploy' | 'blueGreen', delayMs = 0): Promise<RequestsPerCommand> {
  const world = await World.create(strategy);
  const github = await GithubStandIn.start({ repository: 'acme/shop', rateLimit: 1_000_000 });
  try {
    return await measure(world, github, { records, strategy, delayMs });
  } finally {
    await github.stop();
    await world.destroy();
  }
}

interface Course {
  readonly records: number;
  readonly strategy: 'redeploy' | 'blueGreen';
  readonly delayMs: number;
}

async function measure(world: World, github: GithubStandIn, { delayMs, records, strategy }: Course): Promise<RequestsPerCommand> {
  const names = ['production', 'other'];
  watched(world, names);
  world.release('v1');
  const stable = { version: 'v1', sha: world.git('rev-parse', 'v1') };
  for (const environment of names) seedHistory(github, { environment, strategy, stable, records });
  seedAlerts(github, 'production', records);
  for (const workflow of ['deploy.yml', 'rollback.yml', 'monitor.yml']) github.addWorkflow(workflow, workflow);
  const slot = strategy === 'redeploy' ? 'only' : github.deployments('production').filter(({ task }) => task === 'delivery').map(({ payload }) => slotOf(payload))[0]!;
  writeFileSync(join(world.root, 'machine', slot), 'v1');
  writeFileSync(join(world.root, 'machine/live'), slot);
  world.release('v2');
  const id = world.newRun();
  github.setRun(id, { status: 'in_progress' });
  if (delayMs > 0) github.fail({ times: Infinity, misbehaviour: { kind: 'delay', ms: delayMs } });
  const env = {
    DELIVERY_LEDGER: '', GITHUB_API_URL: github.url, GITHUB_TOKEN: github.token({ contents: 'read', deployments: 'write', actions: 'read', issues: 'write' }),
  };
  const count = async (extra: NodeJS.ProcessEnv, ...args: string[]) => {
    const before = github.requests.length;
    const { code, output } = await world.step({ id, tag: 'v2', env: { ...env, ...extra } }, ...args);
    if (code !== 0 || output.includes('could not be read')) throw new Error(`${args.join(' ')} ended with ${String(code)}: ${output.slice(-2000)}`);
    return github.requests.length - before;
  };
  const plan = await count({}, 'plan', 'production');
  const one = await count({}, 'watch', '--environments', 'production');
  const two = await count({}, 'watch');
  const deploy = await count({}, 'deploy', 'production');
  const confirm = await count({ DELIVERY_DEPLOYED: 'success', DELIVERY_STATE: 'confirming' }, 'monitor', 'production');
  if (github.violations.length > 0) throw new Error(github.violations[0]);
  return { plan, deploy, confirm, watch: one, watchEach: two - one };
}

function slotOf(payload: unknown): string | undefined {
  return (payload as { record: { slot?: string } }).record.slot;
}

function watched(world: World, environments: string[]): void {
  const [environment] = world.manifest.environments;
  world.manifest = {
    ...world.manifest,
    environments: environments.map((name) => ({ ...environment, name })),
    monitoring: {
      environments, intervalMs: 300_000, retries: 2, firesAfter: 3, resolvesAfter: 2, workflow: 'monitor.yml', deploymentWorkflows: [...DEPLOYMENT_WORKFLOWS],
    },
  };
  writeFileSync(join(world.root, '.projen/delivery.json'), JSON.stringify(world.manifest));
}
