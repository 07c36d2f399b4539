import { parse } from 'yaml';
import { ForkPreviews, PreviewCondition, PreviewOptions, Target } from '../../../src';
import { OutcomeOptions } from '../../../tools/model-checker/previews/outcomes';
import { deliver, plainProject, synthesize } from '../../test-project';
import { Workflow } from '../../validators/workflow';

const URL = 'https://pr-{number}.example.com';
const label = PreviewCondition.label('preview');
const FORKS = workflowOf({ url: URL, fork: ForkPreviews.afterApproval('fork-previews') });

/** How previews may be configured, as far as the conditions of preview.yml differ. */
export const PREVIEW_CASES: Record<string, Omit<OutcomeOptions, 'events'>> = {
  'each pull request': { workflow: workflowOf({ url: URL }), needsLabel: false },
  'with a label': { workflow: workflowOf({ url: URL, onlyWhen: label }), needsLabel: true },
  'a branch, where forks have previews': { workflow: FORKS, needsLabel: false },
  'a fork': { workflow: FORKS, needsLabel: false, isFork: true },
  'a fork, where forks have none': { workflow: workflowOf({ url: URL }), needsLabel: false, isFork: true },
  'a shared environment': { workflow: workflowOf({ url: 'https://qa.example.com', persistent: true, onlyWhen: label }), needsLabel: true, isShared: true },
};

function workflowOf(previews: PreviewOptions): Workflow {
  const project = plainProject();
  deliver(project, { target: Target.commands({ deploy: 'true', remove: 'true' }), previews });
  return parse(synthesize(project).workflowText('preview')) as Workflow;
}
