import { createHash } from 'node:crypto';
import { Github } from '../github';
import { readReport, Report } from '../parts';
import { PREFIX, WORKFLOW } from '../place';
import { Findings } from '../table';
import { Measurement } from './measurement';

interface ApiArtifact {
  readonly id: number;
  readonly name: string;
  readonly digest?: string | null;
}

/** The workflow re-runs a run of its own: first what failed, then all of it. */
export const rerun: Measurement = {
  ids: [
    'rerun-keeps-run-id', 'rerun-failed-keeps-outputs', 'masked-output-dropped', 'empty-environment-name',
    'artifact-names-repeat', 'artifact-by-id-after-rerun', 'artifact-redirect', 'artifact-digest',
  ],
  measure: async ({ github, runs, branch, token }) => {
    const { id } = await runs.dispatch(WORKFLOW, branch, { part: 'rerun', request: token });
    await runs.ended(id);
    const [artifact] = await artifactsOf(github, id);
    if (!artifact) throw new Error(`run ${id} has no artifact: look at its log`);
    await github.post(`/actions/runs/${id}/rerun-failed-jobs`, undefined);
    await runs.ended(id, 2);
    const second = await readReport(github, id, 'outputs', 2);
    const nameless = (await runs.jobs(id)).find(({ name }) => name === 'no environment');
    await github.post(`/actions/runs/${id}/rerun`, undefined);
    const { run_attempt: attempt } = await runs.ended(id, 3);
    return {
      'rerun-keeps-run-id': { measured: `the third attempt of run ${id} says ${attempt}, the second said ${second?.attempt ?? 'nothing'}`, holds: attempt === 3 && second?.attempt === 2 },
      ...outputs(second),
      'empty-environment-name': { measured: `the job ended ${nameless?.conclusion ?? 'nowhere'}`, holds: nameless?.conclusion === 'success' },
      ...await artifacts(github, id, artifact),
    };
  },
};

function outputs(report: Report | undefined): Findings {
  const { first, masked } = report?.values ?? {};
  return {
    'rerun-failed-keeps-outputs': { measured: `the output says attempt ${first ?? 'none'}`, holds: first === '1' },
    'masked-output-dropped': { measured: report ? `the output is ${masked ? 'there' : 'empty'}` : 'nothing was reported', holds: report !== undefined && !masked },
  };
}

async function artifacts(github: Github, run: number, before: ApiArtifact): Promise<Findings> {
  const all = await artifactsOf(github, run);
  const { status } = await github.request('GET', `/actions/artifacts/${before.id}`, undefined, [200, 404, 410]);
  const { status: redirect, location } = await github.location(`/actions/artifacts/${before.id}/zip`);
  const archive = location === undefined ? undefined : await fetch(location);
  const bytes = archive?.ok ? new Uint8Array(await archive.arrayBuffer()) : undefined;
  const digest = bytes && `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
  for (const { id } of all) await github.delete(`/actions/artifacts/${id}`);
  return {
    'artifact-names-repeat': { measured: `${all.length} artifacts of one name after the third attempt`, holds: all.length === 2 && all.some(({ id }) => id === before.id) },
    'artifact-by-id-after-rerun': { measured: `the first one by its id: HTTP ${status}`, holds: status === 200 },
    'artifact-redirect': { measured: `HTTP ${redirect}; without a token the other host returns ${archive?.status ?? 'nothing'}`, holds: redirect === 302 && archive?.status === 200 },
    'artifact-digest': { measured: digest === undefined ? 'no archive to compare with' : digest === before.digest ? 'as that of the archive' : `${before.digest}, that of the archive is ${digest}`, holds: digest !== undefined && digest === before.digest },
  };
}

async function artifactsOf(github: Github, run: number): Promise<ApiArtifact[]> {
  const { artifacts: all } = await github.get<{ artifacts: ApiArtifact[] }>(`/actions/runs/${run}/artifacts?per_page=100`);
  return all.filter(({ name }) => name.startsWith(PREFIX));
}
