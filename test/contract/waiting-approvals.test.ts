/** The watch finds every job that waits for an approval, whatever a project calls it. */
import { DeliveryOptions, Delivery } from '../../src';
import { waitingApprovals } from '../../src/runtime/ci/github/watch-runs';
import { openGithubApi } from '../../src/runtime/ci/open-ledger';
import { SYSTEM_CLOCK } from '../../src/runtime/clock';
import { GithubStandIn } from '../../tools/github-api-stand-in/stand-in';
import { deliver, environment, plainProject, synthesize } from '../test-project';

let github: GithubStandIn;
beforeEach(async () => { github = await GithubStandIn.start({ repository: 'acme/shop', rateLimit: 100_000 }); });
afterEach(async () => github.stop());

const OPTIONS: Partial<DeliveryOptions> = { monitoring: {}, environments: [environment('staging')] };

type Workflow = 'workflow' | 'rollbackWorkflow';

/** What the watch finds while the job waits, by the name that stands in the workflow's file. */
async function found(which: Workflow, id: string, change: (delivery: Delivery) => void = () => undefined): Promise<unknown> {
  const project = plainProject();
  const delivery = deliver(project, OPTIONS);
  change(delivery);
  const file = delivery[which].name;
  const synthesized = synthesize(project);
  const name = synthesized.workflow(file).jobs[id].name!.replace('${{ inputs.environment }}', 'staging');
  // GitHub knows a workflow that ran before
  ['deploy.yml', 'rollback.yml'].forEach((path, i) => github.setRun(i + 1, { path, event: 'push', status: 'completed', conclusion: 'success' }));
  github.setRun(7, { path: `${file}.yml`, event: 'push', status: 'waiting', jobs: [{ name, status: 'waiting' }] });
  const env = { GITHUB_ACTIONS: 'true', GITHUB_API_URL: github.url, GITHUB_TOKEN: github.token({ actions: 'read' }), GITHUB_REPOSITORY: 'acme/shop' };
  const waiting = await waitingApprovals(openGithubApi({ env, clock: SYSTEM_CLOCK }), synthesized.manifest);
  return { name, waits: waiting.get('staging')?.what };
}
const JOBS = [['workflow', 'deploy_staging', 'deployment'], ['workflow', 'rollback_staging', 'rollback'], ['rollbackWorkflow', 'rollback', 'rollback'], ['rollbackWorkflow', 'recover', 'rollback']] as const;

test.each(JOBS)('a job that is called as synthesis calls it: %s %s', async (which, id, waits) => {
  expect(await found(which, id)).toMatchObject({ waits });
});

test.each(JOBS)('a job with a name of the project\'s own: %s %s', async (which, id, waits) => {
  const name = which === 'workflow' ? `Ship it: ${id}` : 'Back with ${{ inputs.environment }}!';
  const shown = name.replace('${{ inputs.environment }}', 'staging');
  expect(await found(which, id, (delivery) => delivery[which].file!.addOverride(`jobs.${id}.name`, name))).toEqual({ name: shown, waits });
});

test.each([
  ['rollbackWorkflow', 'rollback', '${{ github.actor }} goes back'],
  ['workflow', 'deploy_staging', 'ship ${{ github.ref_name }}'],
] as const)('a name that does not identify the environment is rejected: %s %s', async (which, id, name) => {
  const change = (delivery: Delivery) => delivery[which].file!.addOverride(`jobs.${id}.name`, name);
  await expect(found(which, id, change)).rejects.toThrow(`${which} job '${id}' name: is '${name}', so the watch does not know which environment a waiting deployment is for. Name the environment in it`);
});
