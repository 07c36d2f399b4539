import { approvalsByEnvironment } from '../../../../src/runtime/ci/github/approvals';

const api = (environments: unknown[]): Parameters<typeof approvalsByEnvironment>[0] => ({
  request: () => Promise.resolve({ data: { environments }, hasNextPage: false }) as never,
});

it('for GitHub, Production and production are the same environment: its reviewers are found by either name', async () => {
  const rules = [{ reviewers: [{ reviewer: { login: 'octocat' } }, { reviewer: { slug: 'ops' } }] }, { wait_timer: 30 }];
  const approvals = await approvalsByEnvironment(api([{ name: 'Production', protection_rules: rules }, { name: 'staging' }]));
  expect(approvals.get('production')).toEqual({ kind: 'known', reviewers: ['octocat', 'team ops'], waitMinutes: 30 });
  expect(approvals.get('staging')).toEqual({ kind: 'known', reviewers: [], waitMinutes: 0 });
});
