import { GithubSpecification, WireRequest } from '../../../tools/github-api-stand-in/specification';
import { GithubStandIn } from '../../../tools/github-api-stand-in/stand-in';

describe('What GitHub\'s description allows', () => {
  const specification = GithubSpecification.load();
  const request = (method: string, path: string, change: Partial<WireRequest> = {}): WireRequest => ({ method, path: `/repos/acme/shop${path}`, query: {}, headers: {}, ...change });

  function violationsOf(wire: WireRequest): string[] {
    return specification.requestViolations(wire, specification.operation(wire)!);
  }

  function problemsOf(wire: WireRequest, status: number, body: unknown): string[] {
    return specification.responseViolations(wire, specification.operation(wire)!, status, body);
  }

  it('is known by operation', () => {
    expect(specification.operation(request('GET', '/deployments/7/statuses'))).toMatchObject({
      id: 'repos/list-deployment-statuses', parameters: { owner: 'acme', repo: 'shop', deployment_id: '7' },
    });
    expect(specification.operation(request('GET', '/environments/eu%2Fwest'))?.parameters.environment_name).toBe('eu/west');
    expect(specification.operation(request('PATCH', '/deployments'))).toBeUndefined();
  });

  it('accepts requests with the right path, query and body', () => {
    expect(violationsOf(request('GET', '/deployments', { query: { environment: 'staging', per_page: '100' } }))).toEqual([]);
    expect(violationsOf(request('GET', '/deployments', { query: { per_page: 'many' } }))).toEqual([expect.stringContaining('per_page it must be integer')]);
    expect(violationsOf(request('GET', '/deployments', { query: { state: 'success' } }))).toEqual([expect.stringContaining('no query parameter state')]);
    expect(violationsOf(request('GET', '/deployments/seven'))).toEqual([expect.stringContaining('deployment_id it must be integer')]);
    expect(violationsOf(request('POST', '/deployments'))).toEqual([expect.stringContaining('the body is missing')]);
    expect(violationsOf(request('POST', '/deployments', { body: {} }))).toEqual([expect.stringContaining('"missingProperty":"ref"')]);
    expect(violationsOf(request('POST', '/deployments/7/statuses', { body: { state: 'fine', auto_inactive: 'no' } }))).toEqual([
      expect.stringContaining('/state must be equal to one of the allowed values'), expect.stringContaining('/auto_inactive must be boolean'),
    ]);
  });

  it('accepts responses with the right status and body', async () => {
    const github = await GithubStandIn.start({ repository: 'acme/shop' });
    const { id } = github.addDeployment({ environment: 'staging', ref: 'a'.repeat(40) });
    const wire = request('GET', `/deployments/${id}`);
    const response = await fetch(`${github.url}${wire.path}`, { headers: { authorization: `Bearer ${github.token({ deployments: 'read' })}` } });
    const body = (await response.json()) as Record<string, unknown>;
    await github.stop();

    expect(problemsOf(wire, 200, body)).toEqual([]);
    expect(problemsOf(wire, 200, { ...body, creator: { login: 'x' }, sha: undefined })).toEqual(expect.arrayContaining([
      expect.stringContaining('"missingProperty":"sha"'), expect.stringContaining('/creator must have'),
    ]));
    expect(problemsOf(wire, 201, body)).toEqual([expect.stringContaining('this status is not described')]);
    expect(problemsOf(wire, 404, { message: 'Not Found' })).toEqual([]);
    expect(problemsOf(wire, 404, { message: 404 })).toEqual([expect.stringContaining('/message must be string')]);
    expect(problemsOf(wire, 503, '<html>')).toEqual([]);
  });
});
