import { GithubApi } from './api';
import { approvalsByEnvironment } from './approvals';
import { newestArtifact, whereaboutsOf } from './artifacts/artifact-lookup';
import { GithubArtifacts } from './artifacts/github-artifacts';
import { GitRemote } from './branch/git-remote';
import { commitMadeAt, commitOnGithub } from './commits';
import { dispatch } from './dispatch/workflow-dispatch';
import { githubIssue } from './issue-channel';
import { githubPages } from './pages';
import { githubPullRequest, pullRequestComments } from './pull-request';
import { githubPullRequests } from './pull-requests';
import { waitingApprovals } from './watch-runs';
import { readDispatchedRuns } from './workflow-run';
import type { Manifest } from '../../../contract/manifest';
import { Clock } from '../../clock';
import { commitNamed } from '../../processes/git';
import { CiArtifacts, CiServices } from '../ci-runtime';

export interface GithubServicesOptions {
  readonly api: GithubApi;
  readonly clock: Clock;
  readonly env: NodeJS.ProcessEnv;
  readonly manifest: Pick<Manifest, 'environments' | 'monitoring' | 'project'>;
  /** The repository's root, which git knows. */
  readonly root: string;
  /** The web address. @default 'https://github.com' */
  readonly serverUrl?: string;
  readonly token: string;
}

/** The services of GitHub's API, except the records of deployments. */
export type GithubServices = Pick<CiServices, 'repository' | 'approvals' | 'branches' | 'commits' | 'dispatch' | 'issues' | 'pages' | 'pullRequest' | 'pullRequests' | 'reviewers'>;

export function githubServices({ api, clock, env, manifest, root, serverUrl = 'https://github.com', token }: GithubServicesOptions): GithubServices {
  const { repository } = api;
  const page = `${serverUrl}/${repository}`;
  // synthesis leaves out what the repository does not use: these functions are undefined then
  const pullRequest = githubPullRequest?.(env);
  return {
    repository,
    approvals: () => waitingApprovals(api, manifest),
    branches: {
      url: (branch) => `${page}/tree/${branch}`,
      open: (branch, work) => GitRemote.using({ branch, clock, env, repository, serverUrl, token }, work),
    },
    commits: {
      named: async (name) => await commitOnGithub(api, name) ?? commitNamed(root, name),
      madeAt: (sha) => commitMadeAt(api, sha),
    },
    dispatch: {
      start: (request) => dispatch(api, clock, { ...request, url: `${page}/actions/workflows/${request.workflow}` }),
      started: (workflow) => api.patiently(() => readDispatchedRuns(api, workflow)),
      runUrl: (id) => `${page}/actions/runs/${id}`,
    },
    reviewers: () => approvalsByEnvironment(api),
    ...(pullRequest && { pullRequest: { ...pullRequest, comment: pullRequestComments(api, pullRequest, manifest.project?.name) } }),
    pullRequests: githubPullRequests?.(api, manifest.project?.name),
    pages: githubPages?.({ api, clock, env, repository, serverUrl, token }),
    issues: (alert, timeouts) => githubIssue({ ...alert, api }, timeouts),
  };
}

export interface GithubArtifactOptions {
  /** Created with the first request. Throws `EventLogError`. */
  readonly api: () => GithubApi;
  readonly clock: Clock;
  readonly interrupted: AbortSignal;
  readonly thisRun: () => number;
}

export function githubArtifacts({ api, clock, interrupted, thisRun }: GithubArtifactOptions): CiArtifacts {
  return {
    source: new GithubArtifacts({ api, clock, signal: interrupted }),
    exists: async (artifact) => await whereaboutsOf(api(), artifact) !== 'gone',
    newest: (workflow, artifact) => newestArtifact(api(), { artifact, thisRun: thisRun(), workflow }),
  };
}
