import { GithubApi } from './api';
import { fieldIn, isObject, isText, itemsIn, numberIn } from '../../json-value';
import { Approval } from '../ci-runtime';

interface Listed extends Record<string, unknown> {
  readonly environments: unknown[];
}

const PER_PAGE = 100;

/**
 * Reads who must approve deployments, by environment in lower case: for GitHub, `Production` and `production` are the same. It makes an
 * environment at first use, so one that is not listed has no reviewers.
 * Rejects with `GithubError`.
 */
export async function approvalsByEnvironment(api: Pick<GithubApi, 'request'>): Promise<ReadonlyMap<string, Approval>> {
  const approvals = new Map<string, Approval>();
  for (let page = 1; ; page++) {
    const { data, hasNextPage } = await api.request({
      what: 'list the environments',
      route: 'GET /repos/{owner}/{repo}/environments',
      parameters: { per_page: PER_PAGE, page },
      permission: 'actions: read',
      isExpected: (value): value is Listed => isObject(value) && Array.isArray(value.environments),
    });
    for (const environment of data.environments) {
      const name = fieldIn(environment, 'name');
      if (isText(name)) approvals.set(name.toLowerCase(), approvalOf(itemsIn(fieldIn(environment, 'protection_rules'))));
    }
    if (!hasNextPage || data.environments.length === 0) return approvals;
  }
}

function approvalOf(rules: readonly unknown[]): Approval {
  const minutes = rules.map((rule) => numberIn(rule, 'wait_timer')).filter(Number.isFinite);
  return { kind: 'known', reviewers: rules.flatMap((rule) => itemsIn(fieldIn(rule, 'reviewers')).flatMap(reviewerOf)), waitMinutes: Math.max(0, ...minutes) };
}

/** A person or a team. */
function reviewerOf(value: unknown): string[] {
  const reviewer = fieldIn(value, 'reviewer');
  const [login, slug] = [fieldIn(reviewer, 'login'), fieldIn(reviewer, 'slug')];
  if (isText(login)) return [login];
  return isText(slug) ? [`team ${slug}`] : [];
}
