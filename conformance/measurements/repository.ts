import { Measurement } from './measurement';

const REQUESTS_AN_HOUR = 1000;

/** What the git lock and the number of requests rest on, and the name of its holder. */
export const repository: Measurement = {
  ids: ['ref-created-once', 'rate-limit', 'job-check-run-id'],
  measure: async ({ env, github, runId, runs, sha, token }) => {
    const ref = `refs/delivery/conformance/${token}`;
    const create = async () => (await github.post('/git/refs', { ref, sha }, 201, 404, 409, 422)).status;
    const statuses = [await create(), await create()];
    await github.delete(`/git/${ref}`);
    const { headers } = await github.request('GET', '/deployments?per_page=1', undefined, [200]);
    const limit = Number(headers.get('x-ratelimit-limit') ?? NaN);
    const { CONFORMANCE_JOB: jobId = '', RUNNER_NAME: runner = '' } = env;
    const job = (await runs.jobs(runId)).find(({ id }) => String(id) === jobId);
    return {
      'ref-created-once': { measured: `HTTP ${statuses.join(', then ')}`, holds: statuses[0] === 201 && (statuses[1] === 422 || statuses[1] === 409) },
      'rate-limit': { measured: `${limit} requests an hour`, holds: limit >= REQUESTS_AN_HOUR },
      'job-check-run-id': {
        measured: job ? `${jobId} is ${job.name}, on ${job.runner_name ?? 'no runner'}` : `the API lists no job ${jobId}`,
        holds: job !== undefined && job.runner_name === runner,
      },
    };
  },
};
