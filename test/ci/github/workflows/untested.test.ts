/** A delivery with a workflow of its own beside the build workflow, whose tests no deployment waits for. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { javascript, typescript } from 'projen';
import { Delivery, DeliveryOptions, Trigger, Workflow } from '../../../../src';
import { deliver, environment, Synthesized, synthesize, typescriptProject, warningsOf, withTasks } from '../../../test-project';

type Options = Partial<DeliveryOptions>;

const untested = (warnings: readonly string[]) => warnings.filter((one) => one.includes('do not wait for'));

const warned = (options: Options, change: (delivery: Delivery) => void = () => {}, project = typescriptProject()) => {
  change(deliver(project, options));
  return untested(warningsOf(project));
};

const JOB = { runsOn: ['ubuntu-latest'], permissions: {}, steps: [{ run: 'npm test' }] };

describe('deployments that do not wait for the tests of the build workflow', () => {
  it('are named, with the line that fixes it', () => {
    expect(warned({ environments: [environment('staging'), environment('production', { trigger: Trigger.after('staging') })] })).toEqual([
      'projen-delivery: deployments to \'staging\', \'production\' do not wait for any tests: those run in the workflow \'build\'. '
      + 'Set workflow: Workflow.ofBuild(), or say needs: [] if that is meant',
    ]);
  });

  it('get another fix with onlyIfChanged, because a joined workflow filters no paths', () => {
    expect(warned({ onlyIfChanged: ['src'] })).toEqual([expect.stringContaining('Test in the job that builds (artifact: { buildTask: \'build\', ... }), or add a job that tests: delivery.workflow.addJob(\'test\', { ... })')]);
  });

  it.each<[string, Options]>([
    ['in the build workflow', { workflow: Workflow.ofBuild() }],
    ['where the person says so', { needs: [] }],
    ['whose build runs the tests', { artifact: { buildTask: 'build', paths: ['lib'] } }],
  ])('are none %s', (_, options) => {
    expect(warned(options)).toEqual([]);
  });

  it('are none with a job that tests', () => {
    expect(warned({}, ({ workflow }) => workflow.addJob('test', JOB))).toEqual([]);
  });

  it('are none where a tag needs a commit that was tested before', () => {
    const options: Options = { environments: [environment('staging'), environment('production', { trigger: Trigger.tag('v*', { requires: 'staging' }) })] };
    expect(warned(options)).toEqual([expect.stringContaining('deployments to \'staging\' do not wait')]);
  });

  it('are none without tests, and without a build workflow', () => {
    expect(warned({}, undefined, typescriptProject({ jest: false, eslint: false }))).toEqual([]);
    expect(warned({}, undefined, typescriptProject({ buildWorkflow: false }))).toEqual([]);
  });

  it('begin after the tests with that line', () => {
    const project = typescriptProject();
    deliver(project, { workflow: Workflow.ofBuild() });
    expect(synthesize(project).workflow('build').jobs.deploy_staging.needs).toContain('build');
  });
});

describe('onlyIfChanged in a workspace', () => {
  type Made = readonly [root: javascript.NodeProject, api: javascript.NodeProject];

  function made(
    packageManager: javascript.NodePackageManager,
    before: (root: javascript.NodeProject) => void,
    more: Partial<typescript.TypeScriptProjectOptions> = {},
  ): Made {
    const root = typescriptProject({ packageManager, ...more });
    before(root);
    const api = withTasks(new typescript.TypeScriptAppProject({ name: 'api', parent: root, outdir: 'packages/api', defaultReleaseBranch: 'main', packageManager }));
    return [root, api];
  }

  const starts = ([root, api]: Made, onlyIfChanged = ['packages/api']) => {
    deliver(api, { onlyIfChanged, pullRequests: { plan: true }, needs: [] });
    const written: Synthesized = synthesize(root);
    const { push } = written.workflow('deploy_api').on as { push: { paths: string[] } };
    const { pullRequests } = JSON.parse(written.text('.projen/delivery-api.json')) as { pullRequests: { onlyIfChanged: string[] } };
    return { paths: push.paths, planned: pullRequests.onlyIfChanged };
  };

  it.each([
    ['npm', javascript.NodePackageManager.NPM, 'package-lock.json'],
    ['yarn', javascript.NodePackageManager.YARN_CLASSIC, 'yarn.lock'],
  ] as const)('has the lock file of the root, with %s: for pushes, and for the plans of pull requests', (_, manager, lock) => {
    const { paths, planned } = starts(made(manager, (root) => root.package.addField('workspaces', ['packages/*'])));
    expect(paths).toEqual(['packages/api', 'packages/api/**', lock, `${lock}/**`, '.projen/delivery-api.json']);
    expect(planned).toEqual(['packages/api', lock]);
  });

  it('has that of pnpm, with a file that projen writes and with one of the person\'s', () => {
    const pnpm = javascript.NodePackageManager.PNPM;
    const written = made(pnpm, () => {}, { pnpmOptions: { workspaceYamlOptions: { packages: ['packages/*'] } } });
    const byHand = made(pnpm, (root) => writeFileSync(join(root.outdir, 'pnpm-workspace.yaml'), 'packages:\n  - packages/*\n'));
    for (const one of [written, byHand]) expect(starts(one).planned).toEqual(['packages/api', 'pnpm-lock.yaml']);
    expect(starts(made(pnpm, () => {})).planned).toEqual(['packages/api']);
  });

  it('keeps what the person says of that file', () => {
    const workspace = () => made(javascript.NodePackageManager.NPM, (root) => root.package.addField('workspaces', ['packages/*']));
    expect(starts(workspace(), ['package-lock.json', 'packages/api']).planned).toEqual(['package-lock.json', 'packages/api']);
    expect(starts(workspace(), ['packages/api', '!package-lock.json']).planned).toEqual(['packages/api', '!package-lock.json']);
  });

  it('has none where each package has a lock file of its own', () => {
    expect(starts(made(javascript.NodePackageManager.NPM, () => undefined)).planned).toEqual(['packages/api']);
  });
});
