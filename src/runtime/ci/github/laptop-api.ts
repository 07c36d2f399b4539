import { GithubApi, Remedy } from './api';
import { Origin } from './dispatch/origin';
import { Clock } from '../../clock';

export interface LaptopApiOptions {
  readonly clock: Clock;
  readonly origin: Origin;
  readonly token: string;
  /** How long a request may take and is tried again, in milliseconds. @default - that of a job */
  readonly patienceMs?: number;
}

/** A person waits: so offline is said within 5 seconds. */
export const OFFLINE_MS = 3_000;

/** GitHub's API, with a person's token. */
export function laptopApi({ clock, origin, patienceMs, token }: LaptopApiOptions): GithubApi {
  const { apiUrl: url, repository } = origin;
  return new GithubApi({ url, token, repository, clock, remedy, retryAdvice: RETRY, patienceMs, requestTimeoutMs: patienceMs });
}

/** What to do where GitHub does not answer. */
const RETRY = 'check the network connection, then run the command again; --local uses the records of this machine';

const remedy: Remedy = (status, permission, repository) => {
  switch (status) {
    case 401: return 'The token is not valid any more: log in with `gh auth login`, or set GITHUB_TOKEN.';
    case 403: return `The token needs \`${permission}\` (a classic token: the scope \`repo\`).`;
    case 404: return `Either there is no ${repository}, or this token cannot see it: check \`git remote get-url origin\`, and as whom you are logged in (\`gh auth status\`).`;
    default: return '';
  }
};
