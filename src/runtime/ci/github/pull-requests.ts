import { GithubApi, GithubError } from './api';
import { pullRequestComments } from './pull-request';
import { isListOf, isObject, isText } from '../../json-value';
import { CiPullRequests } from '../ci-runtime';

/** The pull requests of the repository, as previews need them. */
export function githubPullRequests(api: GithubApi, project: string | undefined): CiPullRequests {
  const headOf: CiPullRequests['headOf'] = async (number) => {
    const ref = await unlessMissing(api.request({
      what: `read the head of pull request ${number}`,
      route: 'GET /repos/{owner}/{repo}/git/ref/{ref}',
      permission: 'contents: read',
      parameters: { ref: `pull/${number}/head` },
      isExpected: isRef,
    }));
    return ref?.object.sha;
  };
  return {
    headOf,
    comment: (number, body, origin) => pullRequestComments(api, { number }, project, 'preview')(body, origin),
    async find(number) {
      // a pull request is an issue, too
      const issue = await unlessMissing(api.request({
        what: `read pull request ${number}`,
        route: 'GET /repos/{owner}/{repo}/issues/{issue_number}',
        permission: 'pull-requests: read',
        parameters: { issue_number: number },
        isExpected: isIssue,
      }));
      // a preview is removed if there is none: one response may be wrong
      if (!issue && await headOf(number) !== undefined) throw new GithubError(`GitHub did not read pull request ${number}: it found no issue, but the head commit. Run this job again.`, { status: 404, transient: false });
      if (!issue || !isObject(issue.pull_request)) return undefined;
      return { isOpen: issue.state === 'open', labels: issue.labels.flatMap((label) => (isObject(label) && isText(label.name) ? label.name : [])) };
    },
  };
}

interface Issue {
  readonly state: string;
  readonly labels: readonly unknown[];
  readonly pull_request?: unknown;
}

interface Ref {
  readonly object: { readonly sha: string };
}

async function unlessMissing<T>(query: Promise<{ readonly data: T }>): Promise<T | undefined> {
  try {
    return (await query).data;
  } catch (error) {
    if (error instanceof GithubError && error.status === 404) return undefined;
    throw error;
  }
}

function isIssue(data: unknown): data is Issue {
  return isObject(data) && isText(data.state) && isListOf(data.labels, (one): one is unknown => one !== undefined);
}

function isRef(data: unknown): data is Ref {
  return isObject(data) && isObject(data.object) && isText(data.object.sha);
}
