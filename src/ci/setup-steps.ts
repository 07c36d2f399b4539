import { github, javascript, Project } from 'projen';
import { refuse, show } from '../refusal';
import { isPinned, pin } from './pins';

type Step = github.workflows.JobStep;

/** Ids of our own steps: a user's step of the same id would break the conditions that name them. */
const OWN_IDS = ['checkout', 'artifacts', 'download-release', 'download-stable', 'deploy', 'settle', 'rollback', 'drill', 'pack', 'upload', 'make'];

/** The steps that the commands of the jobs need first, as the jobs run them, and what is wrong with them. */
export interface Setup {
  readonly steps: Step[];
  readonly warnings: string[];
}

/** What the user says, or a Node project's own set-up; other languages say theirs. */
export function setup(option: string, project: Project, given: Step[] | undefined, actions: github.GitHubActionsProvider): Setup {
  const own = project instanceof javascript.NodeProject ? project.renderWorkflowSetup({ mutable: false }) : [];
  const steps = given ? hardened(option, given, false) : hardened(option, own, true);
  return { steps, warnings: warnings(option, steps, actions) };
}

/** Steps that are named, with known actions pinned to a commit, and without a cache, which another workflow could have poisoned. */
function hardened(option: string, steps: Step[], projens: boolean): Step[] {
  return steps.map((step, i) => {
    if (step.id !== undefined && OWN_IDS.includes(step.id)) {
      refuse(`${option}[${i}].id`, `${show(step.id)} is the id of a step of the delivery's own`, 'Choose another id');
    }
    const uses = step.uses === undefined ? {} : { uses: pin(step.uses, projens), with: withoutCache(step.uses, step.with) };
    return { ...step, name: step.name ?? nameOf(step, i), ...uses };
  });
}

/** What is the user's to mend. */
function warnings(option: string, steps: Step[], actions: github.GitHubActionsProvider): string[] {
  return steps.flatMap((step, i) => {
    const where = `${option}[${i}] (${step.name})`;
    const uses = step.uses === undefined ? undefined : actions.get(step.uses);
    const action = uses?.split('@')[0];
    const cache = action?.startsWith('actions/cache') || Object.entries(step.with ?? {}).some(([key, value]) => /cache/.test(key) && value !== false);
    return [
      ...(uses === undefined || isPinned(uses) ? [] : [
        `${where} uses ${uses}, which can be moved to other code: pin it to a commit, ${action}@<40 digits>, there or with github.actions.set('${action}', ...)`,
      ]),
      ...(cache ? [`${where} restores a cache into a job that deploys: whatever can write the cache can deploy`] : []),
      ...(step.run?.includes('${{') ? [`${where} pastes \${{ }} into shell text: pass the value through env instead`] : []),
    ];
  });
}

function withoutCache(uses: string, inputs: Step['with']): Step['with'] {
  const action = uses.split('@')[0];
  if (!/^actions\/setup-[a-z]+$/.test(action)) return inputs;
  const { cache: _cache, 'cache-dependency-path': _path, ...rest } = inputs ?? {};
  if (action === 'actions/setup-node') return { ...rest, 'package-manager-cache': false };
  if (action === 'actions/setup-go') return { ...rest, cache: false };
  return Object.keys(rest).length > 0 ? rest : undefined;
}

function nameOf(step: Step, i: number): string {
  const text = step.uses?.split('@')[0] ?? step.run?.trim().split('\n')[0] ?? '';
  return `set up: ${text.slice(0, 60) || `step ${i + 1}`}`.replaceAll('${{', '$ {{');
}
