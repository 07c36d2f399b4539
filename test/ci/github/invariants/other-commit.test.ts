/** Ways to let a job fetch another commit, or other files, than the record names: GitHub ignores the letter case of inputs. */
import { github, JsonPatch } from 'projen';
import { saidTo } from './rejected';
import { everything, Which } from './weakened-delivery';
import { plainProject } from '../../../test-project';

/** What synthesis says when `value` is written at a path of a workflow. */
function saidOf(which: Which, path: string, value: unknown): string {
  const delivery = everything(plainProject(), { proof: false });
  const { file } = delivery[which]!;
  file!.addOverride(path, value);
  return saidTo(delivery.project, file!.absolutePath);
}

const CHECKOUT = 'jobs.deploy_staging.steps.0.with';

const COMMIT = 'breaks the guarantee that the release that is recorded is the one that is deployed';

describe('an input of ours that fetches something else is refused, however it is written', () => {
  test.each<[string, Which, string, unknown]>([
    ['with.Ref', 'workflow', `${CHECKOUT}.Ref`, 'main'],
    ['with.REPOSITORY', 'workflow', `${CHECKOUT}.REPOSITORY`, 'acme/other'],
    ['with.Path', 'workflow', `${CHECKOUT}.Path`, 'elsewhere'],
    ['another server', 'workflow', `${CHECKOUT}.github-server-url`, 'https://github.example.com'],
    ['blobs that come later', 'workflow', `${CHECKOUT}.filter`, 'blob:none'],
    ['files of an earlier run', 'workflow', `${CHECKOUT}.clean`, false],
    ['Ref of the rollback', 'rollbackWorkflow', 'jobs.rollback.steps.0.with.Ref', 'main'],
    ['Ref of the watch', 'monitorWorkflow', 'jobs.watch.steps.0.with.Ref', 'main'],
  ])('%s', (_, which, path, value) => {
    expect(saidOf(which, path, value)).toContain(COMMIT);
  });

  test.each<[string, Which, string, string]>([
    ['of a step', 'workflow', 'jobs.deploy_staging.steps.0.env', 'INPUT_REF'],
    ['of a job', 'workflow', 'jobs.deploy_staging.env', 'INPUT_REF'],
    ['of a workflow', 'workflow', 'env', 'INPUT_REPOSITORY'],
    ['in another letter case, as Windows reads it', 'workflow', 'jobs.deploy_staging.env', 'Input_Ref'],
    ['of the rollback', 'rollbackWorkflow', 'jobs.rollback.env', 'INPUT_REF'],
  ])('the variable of an input: %s', (_, which, path, name) => {
    expect(saidOf(which, path, { [name]: 'main' })).toContain(`sets ${name}, which GitHub takes for an input of an action`);
  });

  test('an input that is there twice', () => {
    expect(saidOf('workflow', `${CHECKOUT}.Persist-Credentials`, true)).toContain('has \'Persist-Credentials\' twice, in other letter case, and GitHub starts no workflow that has that');
  });

  test('an input of ours in other letter case with another value', () => {
    expect(saidToInputs({ 'Persist-Credentials': true })).toContain('has another \'persist-credentials\'');
  });
});

describe('a checkout over ours is refused, however its path is written', () => {
  test.each([
    './.', './/', 'scripts/..', '.projen', './.Projen', '.projen/x/..', '${{ github.workspace }}/.', '${{ github[\'workspace\'] }}', '${{ GitHub.Workspace }}/', '${{ vars.PLACE }}',
    '${{ runner.temp }}/../', '/home/runner/work', '..',
  ])('%s', (path) => {
    expect(saidBeforeDeploy({ path })).toContain('checks out over what the delivery checked out');
  });

  it('also with other letter case of the input and of the action', () => {
    expect(saidBeforeDeploy({ Path: '.' })).toContain('checks out over');
    expect(saidBeforeDeploy({}, 'Actions/Checkout')).toContain('checks out over');
  });

  test.each(['scripts', './scripts/', '.projen-scripts', '.github/x', '${{ github.workspace }}/scripts', 'a/../scripts', 'scripts-${{ github.run_id }}'])('not %s', (path) => {
    expect(saidBeforeDeploy({ path })).toBe('nothing');
    expect(saidBeforeDeploy({ Path: path })).toBe('nothing');
  });
});

describe('what fetches the same commit passes', () => {
  test.each<[string, string, unknown]>([
    ['more history', 'jobs.build.steps.0.with.Fetch-Depth', 0],
    ['files of LFS', `${CHECKOUT}.LFS`, true],
    ['a token for submodules', `${CHECKOUT}.Token`, '${{ secrets.SUBMODULES }}'],
    ['a checkout that says less', `${CHECKOUT}.show-progress`, false],
    ['a variable that only resembles one', 'jobs.deploy_staging.env.MY_INPUT_REF', 'x'],
  ])('%s', (_, path, value) => {
    expect(saidOf('workflow', path, value)).toBe('nothing');
  });

  it('an input of ours in other letter case', () => {
    expect(saidToInputs({ 'Persist-Credentials': false })).toBe('nothing');
  });

  it('an action in other letter case', () => {
    expect(saidOf('workflow', 'jobs.deploy_staging.steps.0.uses', `Actions/Checkout@${'b'.repeat(40)}`)).toBe('nothing');
  });
});

function saidToInputs(inputs: Record<string, unknown>): string {
  const delivery = everything(plainProject(), { proof: false });
  const { file } = delivery.workflow;
  file!.patch(JsonPatch.replace('/jobs/deploy_staging/steps/0/with', inputs));
  return saidTo(delivery.project, file!.absolutePath);
}

function saidBeforeDeploy(inputs: Record<string, string>, action = 'actions/checkout'): string {
  const delivery = everything(plainProject(), { proof: false });
  const step: github.workflows.JobStep = { id: 'mine', name: 'mine', uses: `${action}@${'c'.repeat(40)}`, with: { ...inputs, 'persist-credentials': false } };
  delivery.workflow.insertStepBefore('deploy_staging', 'deploy', step);
  return saidTo(delivery.project, delivery.workflow.file!.absolutePath);
}
