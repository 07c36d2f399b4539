/** Which jobs a deployment waits for: in a workflow of its own, by event, and in projen's release. Elsewhere: host-jobs.ci.ts. */
import { Component, github, Project, release, typescript } from 'projen';
import { awaited, job, needsOf, PLACES, synthesized, TRIGGERS, whatHolds } from './host-jobs';
import { Trigger, Workflow } from '../../../../src';
import { deliver, environment, plainProject, typescriptProject } from '../../../test-project';

describe('in a workflow of its own', () => whatHolds('a workflow of its own'));

describe('by event', () => {
  const WAITING: readonly (readonly [string, string[]])[] = [
    ['github.ref == \'refs/heads/main\'', ['staging', 'demo']],
    ['github.ref_type == \'tag\'', ['production', 'demo']],
    ['startsWith(github.ref, \'refs/tags/v\')', ['production', 'demo']],
    ['startsWith(github.ref, \'refs/tags/v2\')', ['production', 'demo']],
    ['startsWith(github.ref, \'refs/tags/w\')', ['demo']],
    ['github.ref_name == \'main\'', ['staging', 'demo']],
    ['github.event_name == \'push\'', ['staging', 'production']],
    ['github.ref_name == github.event.repository.default_branch', ['staging', 'demo']],
    ['github.ref == format(\'refs/heads/{0}\', github.event.repository.default_branch)', ['staging', 'demo']],
    ['contains(fromJSON(\'["refs/heads/main", "refs/heads/next"]\'), github.ref)', ['staging', 'demo']],
    ['github.event_name == \'workflow_dispatch\'', ['demo']],
    ['github.event_name == \'workflow_dispatch\' && inputs.environment == \'lab\'', []],
    ['inputs.environment == \'demo\'', ['demo']],
    ['github.event.inputs.environment == \'demo\'', ['demo']],
    ['inputs.verbose', ['demo']],
    ['github.event.release.tag_name != null || github.event.schedule', []],
  ];

  it('a job is waited for where it can run', () => {
    const { project, delivery } = PLACES['a workflow of its own'].make();
    WAITING.forEach(([condition], i) => delivery.workflow.addJob(`sometimes-${i}`, job({ if: condition })));
    const { jobs } = synthesized(project, 'deploy');
    const waiting = (id: string) => TRIGGERS.map(({ name }) => name).filter((name) => needsOf(jobs[`deploy_${name}`]).includes(id));
    expect(WAITING.map(([condition], i) => [condition, waiting(`sometimes-${i}`)])).toEqual(WAITING);
  });

  it('a job that needs the build is waited for where the build is deployed', () => {
    const project = plainProject();
    const environments = [environment('staging'), environment('production', { trigger: Trigger.tag('v*', { requires: 'staging' }) })];
    const { workflow } = deliver(project, { artifact: { paths: ['dist'] }, environments });
    workflow.addJob('scan', job({ needs: ['build'] }));
    const { jobs, warnings } = synthesized(project, 'deploy');
    expect([needsOf(jobs.deploy_staging), needsOf(jobs.deploy_production)]).toEqual([['build', 'environment_staging', 'scan'], ['environment_production']]);
    expect(warnings).toEqual([]);
  });

  it('an environment after another one is deployed to on the events of the first', () => {
    const project = plainProject();
    const { workflow } = deliver(project, { environments: [environment('staging'), environment('production', { trigger: Trigger.after('staging') })] });
    workflow.addJobs({ main: job({ if: 'github.ref == \'refs/heads/main\'' }), tags: job({ if: 'github.ref_type == \'tag\'' }) });
    const { jobs, warnings } = synthesized(project, 'deploy');
    expect([awaited(jobs), awaited(jobs, 'deploy_production')]).toEqual([['main'], ['main']]);
    expect(warnings).toEqual(['projen-delivery: deployments do not wait for jobs of the workflow \'deploy\' that never run before them: '
      + '\'tags\' on a push to \'main\' (if: github.ref_type == \'tag\'). Let them run then, or name in needs what deployments wait for']);
  });

  it('a release that begins in several ways waits, and a warning says on which of them nothing is deployed', () => {
    const project = typescriptProject({ release: true, releaseTrigger: release.ReleaseTrigger.scheduled({ schedule: '17 3 * * *' }) });
    const { workflow } = deliver(project, { workflow: Workflow.ofRelease(), environments: [environment('staging', { trigger: Trigger.release() })] });
    workflow.addJobs({ night: job({ if: 'github.event_name == \'schedule\'' }), push: job({ if: 'github.event_name == \'push\'' }), dry: job({ if: 'inputs.dry_run' }) });
    const { jobs, warnings } = synthesized(project, 'release');
    expect(awaited(jobs)).toEqual(['night']);
    expect(warnings).toEqual([
      expect.stringContaining('that never run before them: \'push\' on its schedule or a start by hand (if: github.event_name == \'push\'); \'dry\' on its schedule'),
      'projen-delivery: deployments wait for jobs of the workflow \'release\' that do not always run: \'night\' not on a start by hand. Nothing is deployed then',
    ]);
  });
});

describe('the release workflow of projen', () => {
  const library = () => typescriptProject({ release: true, releaseToNpm: true }) as typescript.TypeScriptProject;

  it('every publisher is waited for, also one that is added later', () => {
    const project = library();
    deliver(project, { workflow: Workflow.ofRelease(), environments: [environment('staging', { trigger: Trigger.release() })] });
    project.release!.publisher.publishToPyPi();
    project.release!.addJobs({ smoke: job({ needs: ['release'] }) });
    const { jobs, warnings } = synthesized(project, 'release');
    expect(awaited(jobs).sort()).toEqual(['release_npm', 'release_pypi', 'smoke']);
    expect(warnings).toEqual([]);
  });

  it.each(['named', 'existing'] as const)('Workflow.%s of it is rejected', (way) => {
    const project = library();
    const workflow = github.GitHub.of(project)!.tryFindWorkflow('release')!;
    expect(() => deliver(project, { workflow: way === 'named' ? Workflow.named('release') : Workflow.existing(workflow) })).toThrow(
      `Workflow.${way}: 'release' is projen's release workflow, which runs on every push, also where nothing is released. Use Workflow.ofRelease(), and Trigger.release() for its environments`);
  });

  it('a workflow of that name that is not projen\'s is not', () => {
    const project = plainProject();
    new github.GithubWorkflow(github.GitHub.of(project)!, 'release').addJob('unit', job());
    deliver(project, { workflow: Workflow.named('release') });
    expect(awaited(synthesized(project, 'release').jobs)).toEqual(['unit']);
  });
});

describe('several deliveries in one workflow', () => {
  it('wait for all jobs of others, except those that wait for a delivery', () => {
    const root = plainProject();
    const workflow = new github.GithubWorkflow(github.GitHub.of(root)!, 'ci');
    const api = new Project({ parent: root, name: 'api', outdir: 'api' });
    for (const project of [root, api]) {
      if (project === api) project.addTask('ship', { exec: 'true' });
      if (project === api) project.addTask('switch-traffic', { exec: 'true' });
      deliver(project, { workflow: Workflow.named('ci') });
    }
    new (class extends Component {
      public preSynthesize(): void {
        workflow.addJobs({ unit: job(), after: job({ needs: ['deploy_api_staging'] }) });
      }
    })(api);
    const { jobs, warnings } = synthesized(root, 'ci');
    expect([awaited(jobs), awaited(jobs, 'deploy_api_staging')]).toEqual([['unit'], ['unit']]);
    expect(warnings).toEqual([]);
  });
});
