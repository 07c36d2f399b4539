import { cpSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Artifact } from '../artifact-store';
import { Action, ActionContext, ActionFailed } from './action';

/** actions/download-artifact. With `github-token` it asks the API, and needs `actions: read`; without, it sees this run's artifacts only. */
export const downloadArtifact: Action = {
  inputs: {
    'name': true,
    'artifact-ids': true,
    'path': true,
    'pattern': true,
    'merge-multiple': true,
    'github-token': true,
    'run-id': true,
    'repository': true,
    'digest-mismatch': false,
  },
  async run(context) {
    const { input, workspace } = context;
    if (input('name') && input('artifact-ids')) throw new ActionFailed('Inputs \'name\' and \'artifact-ids\' cannot be used together.');
    const target = resolve(workspace, input('path'));
    const all = await listed(context);
    const chosen = choose(all, context);
    // a single one, by name or by id, goes right into `path`
    const isSingle = input('name') !== '' || (input('artifact-ids') !== '' && chosen.length === 1);
    for (const artifact of chosen) {
      const folder = isSingle || input('merge-multiple') === 'true' ? target : join(target, artifact.name);
      mkdirSync(folder, { recursive: true });
      cpSync(artifact.folder, folder, { recursive: true });
      context.log(`Artifact ${artifact.name} (${artifact.id}) downloaded to ${folder}`);
    }
    context.setOutput('download-path', target);
  },
};

function choose(all: Artifact[], { input }: ActionContext): Artifact[] {
  const name = input('name');
  if (name) {
    const found = latest(all).find((artifact) => artifact.name === name);
    if (!found) throw new ActionFailed(`Unable to download artifact(s): Artifact not found for name: ${name}`);
    return [found];
  }
  const ids = input('artifact-ids').split(',').map((id) => id.trim()).filter((id) => id !== '');
  if (ids.length > 0) {
    const wrong = ids.find((id) => !/^\d+$/.test(id));
    if (wrong) throw new ActionFailed(`Invalid artifact ID: '${wrong}'. Must be a number.`);
    const found = latest(all).filter(({ id }) => ids.includes(String(id)));
    if (found.length === 0) throw new ActionFailed('None of the provided artifact IDs were found');
    return found;
  }
  const pattern = new RegExp(`^${(input('pattern') || '*').replace(/[.+^$(){}|\\]/g, '\\$&').replace(/\*/g, '.*').replace(/\?/g, '.')}$`);
  return latest(all).filter((artifact) => pattern.test(artifact.name));
}

/** One of each name: the one with the highest id, which need not be the newest. An id that is not among them is not found. */
function latest(all: Artifact[]): Artifact[] {
  const seen = new Set<string>();
  return [...all].sort((a, b) => b.id - a.id).filter(({ name }) => !seen.has(name) && seen.add(name));
}

async function listed(context: ActionContext): Promise<Artifact[]> {
  const { input, artifacts, runId } = context;
  if (!input('github-token')) return artifacts.of(runId);
  if (!['', context.repositoryName].includes(input('repository'))) throw new ActionFailed('the executor has no artifacts of other repositories');
  const requestedRun = Number(input('run-id') || runId);
  const response = await fetch(`${context.apiUrl}/repos/${context.repositoryName}/actions/runs/${requestedRun}/artifacts?per_page=100`, {
    headers: { 'authorization': `Bearer ${input('github-token')}`, 'accept': 'application/vnd.github+json', 'user-agent': 'download-artifact' },
    signal: context.signal,
  });
  if (!response.ok) throw new ActionFailed(`Unable to download artifact(s): ${response.status} ${((await response.json()) as { message: string }).message}`);
  const { artifacts: known } = await response.json() as { artifacts: { id: number; expired: boolean }[] };
  const live = known.filter(({ expired }) => !expired).map(({ id }) => id);
  return artifacts.of(requestedRun).filter(({ id }) => live.includes(id));
}
