/** A reviewer can read the workflows, and GitHub starts them: files, expressions and inputs stay within its limits, or synthesis says which one not. */
import { Alert, Delivery, NamedEnvironment, Schedule, Target, Trigger, Workflow } from '../../../../src';
import { IS_NIGHT } from '../../../random';
import { deliver, environment, plainProject, Synthesized, synthesize, typescriptProject } from '../../../test-project';

const names = (count: number) => Array.from({ length: count }, (_, i) => `stage-${i + 1}`);

/** With an artifact, alerts, approvals and a drill: each environment has reviewers, and a twin for rollbacks. */
function many(count: number, rest: Partial<NamedEnvironment> = {}): Synthesized {
  const project = typescriptProject();
  deliver(project, {
    artifact: { buildTask: 'build', paths: ['lib'] },
    secrets: ['DEPLOY_TOKEN'],
    alerts: [Alert.webhook('ALERT_WEBHOOK'), Alert.githubIssue()],
    drill: { environments: names(count), schedule: Schedule.weekly('Tue 03:17') },
    environments: names(count).map((name, i) => environment(name, {
      trigger: i === 0 ? Trigger.branch('main') : Trigger.after(`stage-${i}`), rollbackEnvironment: `${name}-rollback`, ...rest,
    })),
  });
  return synthesize(project);
}

function linesOf(written: Synthesized, name: string): number {
  return written.workflowText(name).trimEnd().split('\n').length;
}

function rejection(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    return (error as Error).message;
  }
  return 'nothing was refused';
}

const MANY = IS_NIGHT ? 30 : 8;

test('deploy.yml takes at most 150 lines for one more environment, rollback.yml at most 320 for any number of them', () => {
  const [one, three, more] = [1, 3, MANY].map((count) => many(count));
  expect((linesOf(three, 'deploy') - linesOf(one, 'deploy')) / 2).toBeLessThanOrEqual(150);
  expect((linesOf(more, 'deploy') - linesOf(three, 'deploy')) / (MANY - 3)).toBeLessThanOrEqual(150);
  for (const written of [one, three, more]) expect(linesOf(written, 'rollback')).toBeLessThanOrEqual(320);
  expect(linesOf(more, 'rollback')).toBe(linesOf(one, 'rollback'));
  expect(linesOf(more, 'drill')).toBe(linesOf(one, 'drill'));
});

/** A line of each job that deploys, for each of them: what takes many environments with few. */
const SECRETS = Array.from({ length: 500 }, (_, i) => `DEPLOY_TOKEN_${i}`);

test('a workflow that GitHub would never start is rejected, with its size and how many environments it has', () => {
  expect(rejection(() => many(8, { secrets: SECRETS }))).toMatch(
    /^workflow: with 8 environments the file \.github\/workflows\/deploy\.yml has \d{6,7} bytes, and GitHub starts no workflow of more than 512000\. Split the environments among /);
});

test('so is one that projen writes, which the jobs joined', () => {
  const project = typescriptProject({ buildWorkflow: true });
  deliver(project, {
    workflow: Workflow.ofBuild(),
    environments: names(8).map((name, i) => environment(name, { trigger: i === 0 ? Trigger.branch('main') : Trigger.after(`stage-${i}`), secrets: SECRETS })),
  });
  expect(rejection(() => synthesize(project))).toMatch(/^Workflow\.ofBuild: with 8 environments the file \.github\/workflows\/build\.yml has \d{6,7} bytes/);
});

test('an expression that GitHub would not read is rejected, with its length', () => {
  const long = (i: number) => `https://stage-${i}.example.com/${'x'.repeat(150)}`;
  const all = names(130).map((name, i) => environment(name, { trigger: Trigger.manual(), url: long(i) }));
  expect(rejection(() => new Delivery(plainProject(), { target: Target.tasks({ deploy: 'ship' }), environments: all }))).toMatch(
    /^Delivery environments: with 130 environments an expression that looks up the one that was chosen has 2\d{4} characters, and GitHub reads 21000\. .*shorter names and addresses$/);
});

test('more inputs than GitHub takes are rejected', () => {
  const project = plainProject();
  const { rollbackWorkflow } = deliver(project);
  const ours = (rollbackWorkflow as unknown as { events: { workflowDispatch: { inputs: Record<string, never> } } }).events.workflowDispatch.inputs;
  const length = 26 - Object.keys(ours).length;
  const inputs = Object.fromEntries(Array.from({ length }, (_, i) => [`more_${i}`, { description: 'more', type: 'string' as const }]));
  rollbackWorkflow.on({ workflowDispatch: { inputs: { ...ours, ...inputs } } });
  expect(rejection(() => synthesize(project))).toBe('rollbackWorkflow: its workflow_dispatch has 26 inputs, and GitHub takes 25. Remove some, or use Workflow.own()');
});
