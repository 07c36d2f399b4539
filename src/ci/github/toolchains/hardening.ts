import { github } from 'projen';
import { invalid, show } from '../../../validation/validation-error';
import { COMMAND_STEPS } from '../jobs/steps';
import { isPinned, pin } from '../pins';

type Step = github.workflows.JobStep;

/** The inputs that disable the cache of an action that is on by default. */
const CACHE_SWITCHES: Record<string, Record<string, boolean>> = {
  'actions/setup-node': { 'package-manager-cache': false },
  'actions/setup-go': { cache: false },
  'oven-sh/setup-bun': { 'no-cache': true },
};

/** Names steps, pins known actions to a commit, and removes caches, which another workflow could have poisoned. */
export function hardened(option: string, steps: Step[], projens: boolean): Step[] {
  return steps.map((step, i) => {
    if (step.id !== undefined && COMMAND_STEPS.includes(step.id)) {
      invalid(`${option}[${i}].id`, `${show(step.id)} is the id of a step of the delivery's own`, 'Choose another id');
    }
    const uses = step.uses === undefined ? {} : { uses: pin(step.uses, projens), with: withoutCache(step.uses, step.with) };
    return { ...step, name: step.name ?? nameOf(step, i), ...uses };
  });
}

/** Returns warnings for the user to fix. */
export function warningsOf(option: string, steps: Step[], actions: github.GitHubActionsProvider): string[] {
  return steps.flatMap((step, i) => {
    const where = `${option}[${i}] (${step.name})`;
    const uses = step.uses === undefined ? undefined : actions.get(step.uses);
    const action = uses?.split('@')[0];
    return [
      ...(uses === undefined || isPinned(uses) ? [] : [
        `${where} uses ${uses}, which can be moved to other code: pin it to a commit, ${action}@<40 digits>, there or with github.actions.set('${action}', ...)`,
      ]),
      ...(caches(step, action) ? [`${where} restores a cache into a job that deploys: and anything that can write the cache could deploy`] : []),
      ...(step.run?.includes('${{') ? [`${where} pastes \${{ }} into shell text: pass the value through env instead`] : []),
    ];
  });
}

function caches({ with: inputs }: Step, action: string | undefined): boolean {
  return action?.startsWith('actions/cache')
    || Object.entries(inputs ?? {}).some(([key, value]) => /cache/.test(key) && value !== (key === 'no-cache'));
}

function withoutCache(uses: string, inputs: Step['with']): Step['with'] {
  const action = uses.split('@')[0];
  if (!/^actions\/setup-[a-z]+$|^pnpm\/action-setup$|^oven-sh\/setup-bun$/.test(action)) return inputs;
  const { cache: _cache, 'cache-dependency-path': _path, cache_dependency_path: _pnpms, ...rest } = inputs ?? {};
  const all = { ...rest, ...CACHE_SWITCHES[action] };
  return Object.keys(all).length > 0 ? all : undefined;
}

function nameOf(step: Step, i: number): string {
  const text = step.uses?.split('@')[0] ?? step.run?.trim().split('\n')[0] ?? '';
  return `set up: ${text.slice(0, 60) || `step ${i + 1}`}`.replaceAll('${{', '$ {{');
}
