import { github, javascript, Project } from 'projen';
import { refuse, show } from '../refusal';
import { isPinned, PINS } from './pins';

type Step = github.workflows.JobStep;

/** Ids of our own steps: a user's step of the same id would break the conditions that name them. */
const OWN_IDS = ['checkout', 'artifacts', 'download-release', 'download-stable', 'deploy', 'settle', 'rollback', 'pack', 'upload', 'make'];

/** A Node project's own set-up; other languages say theirs. */
export function defaultSetupSteps(project: Project): Step[] {
  return project instanceof javascript.NodeProject ? project.renderWorkflowSetup({ mutable: false }) : [];
}

/** Steps as our jobs run them: named, known actions pinned to a commit, and no cache, which another workflow could have poisoned. */
export function hardened(option: string, steps: Step[]): Step[] {
  return steps.map((step, i) => {
    if (step.id !== undefined && OWN_IDS.includes(step.id)) {
      refuse(`${option}[${i}].id`, `${show(step.id)} is the id of a step of the delivery's own`, 'Choose another id');
    }
    return { ...step, name: step.name ?? nameOf(step, i), ...(step.uses === undefined ? {} : action(step.uses, step)) };
  });
}

/** What the user should know about steps that are theirs to mend. */
export function warnings(option: string, steps: Step[], actions: github.GitHubActionsProvider): string[] {
  return steps.flatMap((step, i) => {
    const where = `${option}[${i}] (${step.name ?? nameOf(step, i)})`;
    const uses = step.uses === undefined ? undefined : actions.get(pin(step.uses));
    return [
      ...(uses !== undefined && !isPinned(uses) ? [`${where} uses ${uses}, which can be moved to other code: pin it to a commit, ${uses.split('@')[0]}@<40 digits>`] : []),
      ...(uses?.startsWith('actions/cache') ? [`${where} restores a cache into a job that deploys: whatever can write the cache can deploy`] : []),
      ...(step.run?.includes('${{') ? [`${where} pastes \${{ }} into shell text: pass the value through env instead`] : []),
    ];
  });
}

function action(uses: string, step: Step): Pick<Step, 'uses' | 'with'> {
  const name = uses.split('@')[0];
  if (!/^actions\/setup-[a-z]+$/.test(name)) return step.with === undefined ? { uses: pin(uses) } : { uses: pin(uses), with: step.with };
  const { cache: _cache, 'cache-dependency-path': _path, ...rest } = step.with ?? {};
  const inputs = name === 'actions/setup-node' ? { ...rest, 'package-manager-cache': false } : name === 'actions/setup-go' ? { ...rest, cache: false } : rest;
  return { uses: pin(uses), with: Object.keys(inputs).length > 0 ? inputs : undefined };
}

/** A tag of an action whose commit we know becomes that commit. */
function pin(uses: string): string {
  const [name, ref] = uses.split('@');
  return isPinned(uses) || !(name in PINS) || ref === undefined ? uses : `${name}@${PINS[name]}`;
}

function nameOf(step: Step, i: number): string {
  const text = step.uses?.split('@')[0] ?? step.run?.trim().split('\n')[0] ?? '';
  return `set up: ${text.slice(0, 60) || `step ${i + 1}`}`.replaceAll('${{', '$ {{');
}
