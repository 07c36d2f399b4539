import { Measurement } from './measurement';

const REQUESTS_AN_HOUR = 1000;

/** What the git lock and the number of requests rest on. */
export const repository: Measurement = {
  ids: ['ref-created-once', 'rate-limit'],
  measure: async ({ github, sha, token }) => {
    const ref = `refs/delivery/conformance/${token}`;
    const create = async () => (await github.post('/git/refs', { ref, sha }, 201, 404, 409, 422)).status;
    const statuses = [await create(), await create()];
    await github.delete(`/git/${ref}`);
    const { headers } = await github.request('GET', '/deployments?per_page=1', undefined, [200]);
    const limit = Number(headers.get('x-ratelimit-limit') ?? NaN);
    return {
      'ref-created-once': { measured: `HTTP ${statuses.join(', then ')}`, holds: statuses[0] === 201 && (statuses[1] === 422 || statuses[1] === 409) },
      'rate-limit': { measured: `${limit} requests an hour`, holds: limit >= REQUESTS_AN_HOUR },
    };
  },
};
