import { deliver, environment, plainProject, synthesize } from '../test-project';
import { gitHubParser } from './github-parser';
import { propertiesOf } from './properties';
import { validate } from './validate';
import { Job, parseWorkflow, Step, Workflow } from './workflow';

const project = plainProject();
deliver(project, { artifact: { paths: ['dist'] }, environments: [environment('staging', { secrets: ['TOKEN'] })] });
const text = synthesize(project).deployText;

it('the workflow as it is synthesized is right', async () => {
  expect(await validate(text, 'deploy.yml')).toEqual([]);
});

describe('each validator catches a planted fault', () => {
  it.each<[string, string, string | RegExp, string]>([
    ['github', 'an output of a job that is not needed', /needs\.build\.result/, 'needs.other.result'],
    ['github', 'an expression that does not end', '== \'success\' &&', '== \'success &&'],
    ['actionlint', 'a job that is needed and is not there', 'needs: [build, ', 'needs: [bild, '],
    ['actionlint', 'an unknown runner', /runs-on: ubuntu-latest/, 'runs-on: ubuntu-lastest'],
    ['schema', 'a key that GitHub does not know', 'timeout-minutes: 10', 'timeout-seconds: 10'],
    ['schema', 'a queue that GitHub does not know', 'queue: max', 'queue: infinite'],
    ['shellcheck', 'a variable without quotes', '"digest=$digest" >> "$GITHUB_OUTPUT"', 'digest=$digest >> $GITHUB_OUTPUT'],
    ['property 2', 'an action at a tag', /actions\/upload-artifact@[0-9a-f]{40}/, 'actions/upload-artifact@v7'],
  ])('%s: %s', async (validator, _, right, wrong) => {
    const faulty = text.replace(right, wrong);
    expect(faulty).not.toBe(text);
    const findings = await validate(faulty, 'deploy.yml');
    expect(findings.map((finding) => finding.validator.slice(0, validator.length))).toContain(validator);
  });

  it('github: in each expression what the events of its own workflow do not have, whatever was asked before', async () => {
    const workflow = (event: string) => `on: ${event}\npermissions: {}\njobs:\n  one:\n    runs-on: ubuntu-latest\n    steps:${
      ['github.event.commits', 'github.event.number', 'github.actr', 'github.event.number'].map((value) => `\n      - if: \${{ ${value} }}\n        run: echo`).join('')}\n`;
    const placesOf = async (event: string) => (await gitHubParser(workflow(event), 'deploy.yml')).map(({ where }) => where);
    const [push, pullRequest] = [['line 9', 'line 11', 'line 13'], ['line 7', 'line 11']];
    expect([await placesOf('push'), await placesOf('pull_request'), await placesOf('push')]).toEqual([push, pullRequest, push]);
  });

  it('github and actionlint: a workflow that is not YAML', async () => {
    const findings = await validate('jobs: [', 'other.yml').catch((error: Error) => [{ validator: error.name }]);
    expect(findings).not.toEqual([]);
  });
});

describe('each of the fourteen properties is missed when it does not hold', () => {
  const step = (change: Partial<Step>): Workflow => changed((workflow) => Object.assign(workflow.jobs.deploy_staging.steps![0], change));
  const job = (change: Partial<Job>): Workflow => changed((workflow) => Object.assign(workflow.jobs.deploy_staging, change));

  it.each<[number, string, Workflow]>([
    [1, 'no permissions on top', changed((workflow) => { delete (workflow as { permissions?: unknown }).permissions; })],
    [1, 'a job that does not say its permissions', job({ permissions: undefined })],
    [2, 'an action at a branch', step({ uses: 'actions/checkout@main' })],
    [3, 'an expression in run', step({ uses: undefined, run: 'echo ${{ github.ref_name }}' })],
    [4, 'a checkout that keeps the token', step({ with: {} })],
    [5, 'pull_request_target', changed((workflow) => Object.assign(workflow, { on: { pull_request_target: {} } }))],
    [5, 'inherited secrets', job({ secrets: 'inherit' })],
    [6, 'a secret for the whole job', job({ env: { TOKEN: '${{ secrets.TOKEN }}' } })],
    [6, 'a secret in a job without an environment', job({ environment: undefined })],
    [7, 'a cache', step({ uses: 'actions/cache@3d3c42e5aac5ba805825da76410c181273ba90b1' })],
    [7, 'setup-node, which caches by itself', step({ uses: 'actions/setup-node@820762786026740c76f36085b0efc47a31fe5020', with: {} })],
    [7, 'setup-bun, which caches by itself', step({ uses: 'oven-sh/setup-bun@0c5077e51419868618aeaa5fe8019c62421857d6', with: {} })],
    [8, 'no time limit', job({ 'timeout-minutes': undefined })],
    [9, 'no concurrency', job({ concurrency: undefined })],
    [9, 'a deployment that a newer one cancels', job({ concurrency: { 'group': 'x', 'cancel-in-progress': true, 'queue': 'max' } })],
    [10, 'a step without a name', step({ name: undefined })],
    [11, 'an input of any text that is an argument of an action', withInput('version', step({ with: { 'ref': '${{ inputs.version }}', 'persist-credentials': false } }))],
    [11, 'an input of any text that decides', withInput('version', job({ if: '${{ inputs.version == \'v1\' }}' }))],
    [11, 'an input that is not named', withInput('version', step({ with: { 'ref': '${{ toJSON(inputs) }}', 'persist-credentials': false } }))],
    [11, 'an input under its other name', withInput('version', step({ with: { 'ref': '${{ github.event.inputs.version }}', 'persist-credentials': false } }))],
    [12, 'a deploy step that does not know the digest', changed((workflow) => {
      delete workflow.jobs.deploy_staging.steps!.find(({ id }) => id === 'deploy')!.env!.DELIVERY_ARTIFACT_DIGEST;
    })],
    [12, 'a deploy job that may not fetch its artifact', job({ permissions: { contents: 'read', deployments: 'write' } })],
    [13, 'a step that writes GITHUB_ENV', step({ uses: undefined, run: 'curl https://x >> "$GITHUB_ENV"' })],
    [14, 'npm install', step({ uses: undefined, run: 'npm install' })],
    [14, 'a tool at whichever version there is', step({ uses: undefined, run: 'npm install --global --ignore-scripts aws-cdk@^2' })],
    [14, 'yarn without its lock file', step({ uses: undefined, run: 'yarn install --check-files' })],
  ])('%d: %s', (number, _, workflow) => {
    expect(propertiesOf(workflow).map(({ validator }) => Number(/\d+/.exec(validator)![0]))).toContain(number);
  });
});

it('an input of any text may reach a step\'s environment and the run\'s name', () => {
  const workflow = withInput('version', changed((one) => {
    Object.assign(one.jobs.deploy_staging.steps![0], { env: { VERSION: '${{ inputs.version }}' } });
    Object.assign(one, { 'run-name': '${{ inputs.version }}' });
  }));
  expect(propertiesOf(workflow)).toEqual([]);
});

function withInput(name: string, workflow: Workflow): Workflow {
  return { ...workflow, on: { workflow_dispatch: { inputs: { [name]: { type: 'string' } } } } };
}

function changed(change: (workflow: Workflow) => unknown): Workflow {
  const workflow = parseWorkflow(text);
  change(workflow);
  return workflow;
}
