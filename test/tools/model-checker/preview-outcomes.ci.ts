/** Every way through the conditions of preview.yml: what happens to a pull request, and how each job may end. */
import { parse } from 'yaml';
import { ForkPreviews, PreviewCondition, PreviewOptions, Target } from '../../../src';
import { noticedBy, outcomeMutantsOf } from '../../../tools/model-checker/previews/outcome-mutants';
import { OutcomeOptions, outcomesOf } from '../../../tools/model-checker/previews/outcomes';
import { deliver, plainProject, synthesize } from '../../test-project';
import { Workflow } from '../../validators/workflow';

const URL = 'https://pr-{number}.example.com';
const label = PreviewCondition.label('preview');
const FORKS = workflowOf({ url: URL, fork: ForkPreviews.afterApproval('fork-previews') });

const CASES: Record<string, Omit<OutcomeOptions, 'events'>> = {
  'each pull request': { workflow: workflowOf({ url: URL }), needsLabel: false },
  'with a label': { workflow: workflowOf({ url: URL, onlyWhen: label }), needsLabel: true },
  'a branch, where forks have previews': { workflow: FORKS, needsLabel: false },
  'a fork': { workflow: FORKS, needsLabel: false, isFork: true },
  'a fork, where forks have none': { workflow: workflowOf({ url: URL }), needsLabel: false, isFork: true },
  'a shared environment': { workflow: workflowOf({ url: 'https://qa.example.com', persistent: true, onlyWhen: label }), needsLabel: true, isShared: true },
};

/** Mutations that change nothing, and why. */
const EQUIVALENT: Record<string, string> = {
  'preview: without github.event_name == \'pull_request\'': 'only the event of a pull request names the repository of its head',
  'remove_preview: without github.event_name == \'pull_request\'': 'only the event of a pull request names the repository of its head',
  'preview_fork: without github.event_name == \'workflow_dispatch\'': 'only a dispatch has inputs',
  'preview: cancel-in-progress: true': 'only the event of a pull request starts the job',
  'preview_fork: cancel-in-progress: false': 'only a person starts the job',
};

it.each(Object.entries(CASES))('%s', (_, options) => {
  const { faults, moments } = outcomesOf({ ...options, events: 3 });
  expect(moments).toBeGreaterThan(options.isFork ? 10 : 1000);
  expect(Object.fromEntries(faults)).toEqual({});
});

it('every condition, a little wrong, is noticed, but for those that change nothing', () => {
  const noticed = new Map<string, string | undefined>();
  for (const mutant of Object.values(CASES).flatMap((options) => outcomeMutantsOf({ ...options, events: 2 }))) {
    if (noticed.get(mutant.name) === undefined) noticed.set(mutant.name, noticedBy(mutant));
  }
  const survivors = [...noticed].filter(([, rule]) => rule === undefined).map(([name]) => name);
  expect(survivors.sort()).toEqual(Object.keys(EQUIVALENT).sort());
  expect(noticed.size).toBeGreaterThan(100);
});

function workflowOf(previews: PreviewOptions): Workflow {
  const project = plainProject();
  deliver(project, { target: Target.commands({ deploy: 'true', remove: 'true' }), previews });
  return parse(synthesize(project).workflowText('preview')) as Workflow;
}
